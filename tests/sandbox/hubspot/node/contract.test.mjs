// The contract as HubSpot's client for Node sees it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import hubspot from '@hubspot/api-client';

const basePath = process.env.SANDBOX;
const client = new hubspot.Client({ accessToken: 'pat-na1-sandbox', basePath, numberOfApiCallRetries: 0 });
const { contacts, companies, deals, owners, properties, pipelines, associations, objects } = client.crm;

const create = (email, more = {}) => contacts.basicApi.create({ properties: { email, ...more } });

async function refusal(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return assert.fail('expected an error');
}

test('a contact is created, read, changed and archived', async () => {
  const made = await create('ada@node.example', { firstname: 'Ada' });
  assert.ok(made.createdAt instanceof Date);
  const read = await contacts.basicApi.getById(made.id, ['firstname', 'city'], undefined, undefined, false);
  assert.equal(read.properties.firstname, 'Ada');
  assert.equal(read.properties.city, null);
  const changed = await contacts.basicApi.update(made.id, { properties: { city: 'Bonn' } });
  assert.equal(changed.properties.city, 'Bonn');
  await contacts.basicApi.archive(made.id);
  const gone = await refusal(() => contacts.basicApi.getById(made.id));
  assert.equal(gone.code, 404);
  assert.equal(gone.body.message, 'resource not found');
});

test('search filters, sorts and pages', async () => {
  for (const number of [1, 2, 3]) await create(`search${number}@node.example`, { city: 'Kiel' });
  const ask = (after) =>
    contacts.searchApi.doSearch({
      filterGroups: [{ filters: [{ propertyName: 'city', operator: 'EQ', value: 'kiel' }] }],
      sorts: ['-email'],
      properties: ['email'],
      limit: 2,
      after,
    });
  const first = await ask('0');
  assert.equal(first.total, 3);
  assert.deepEqual(first.results.map((each) => each.properties.email), ['search3@node.example', 'search2@node.example']);
  const last = await ask(first.paging.next.after);
  assert.equal(last.results.length, 1);
  assert.equal(last.paging, undefined);
});

test('too much asked of search is a validation error', async () => {
  const error = await refusal(() => contacts.searchApi.doSearch({ limit: 201 }));
  assert.equal(error.code, 400);
  assert.equal(error.body.category, 'VALIDATION_ERROR');
});

test('a batch create answers each contact once', async () => {
  const inputs = ['a', 'b', 'c'].map((name) => ({ properties: { email: `${name}@batch.example` } }));
  const made = await contacts.batchApi.create({ inputs });
  assert.equal(made.status, 'COMPLETE');
  assert.deepEqual(
    made.results.map((each) => each.properties.email).sort(),
    ['a@batch.example', 'b@batch.example', 'c@batch.example'],
  );
});

test('a traced batch update fails in part', async () => {
  const [good, bad] = [await create('good@node.example'), await create('bad@node.example')];
  const answer = await contacts.batchApi.update({
    inputs: [
      { id: good.id, properties: { city: 'Bonn' }, objectWriteTraceId: 'good' },
      { id: bad.id, properties: { hs_lead_status: 'TEPID' }, objectWriteTraceId: 'bad' },
    ],
  });
  assert.deepEqual(answer.results.map((each) => each.id), [good.id]);
  assert.equal(answer.numErrors, 1);
  assert.deepEqual(answer.errors[0].context.objectWriteTraceId, ['bad']);
  assert.match(answer.errors[0].message, /INVALID_OPTION/);
});

test('an untraced batch update fails as a whole', async () => {
  const made = await create('whole@node.example');
  const error = await refusal(() =>
    contacts.batchApi.update({ inputs: [{ id: made.id, properties: { no_such_property: 'x' } }] }),
  );
  assert.equal(error.code, 400);
  assert.match(error.body.message, /^Property values were not valid: \[/);
});

test('a batch read lists what it did not find', async () => {
  const made = await create('read@node.example');
  const answer = await contacts.batchApi.read({
    inputs: [{ id: made.id }, { id: '999' }],
    properties: ['email'],
    propertiesWithHistory: [],
  });
  assert.equal(answer.results[0].properties.email, 'read@node.example');
  assert.deepEqual(answer.errors[0].context.ids, ['999']);
});

test('an upsert by e-mail tells what is new', async () => {
  const inputs = [{ id: 'upsert@node.example', idProperty: 'email', properties: { city: 'Bonn' } }];
  assert.equal((await contacts.batchApi.upsert({ inputs })).results[0]._new, true);
  assert.equal((await contacts.batchApi.upsert({ inputs })).results[0]._new, false);
});

test('a known e-mail address is a conflict', async () => {
  const made = await create('taken@node.example');
  const error = await refusal(() => create('Taken@node.example'));
  assert.equal(error.code, 409);
  assert.equal(error.body.message, `Contact already exists. Existing ID: ${made.id}`);
});

test('an unknown token is refused', async () => {
  const stranger = new hubspot.Client({ accessToken: 'wrong', basePath, numberOfApiCallRetries: 0 });
  const error = await refusal(() => stranger.crm.contacts.basicApi.getPage());
  assert.equal(error.code, 401);
  assert.equal(error.body.category, 'INVALID_AUTHENTICATION');
});

test('owners come with numbers and strings in their places', async () => {
  const { results } = await owners.ownersApi.getPage('dora.direct@acme.example');
  assert.equal(results.length, 1);
  assert.equal(typeof results[0].id, 'string');
  assert.equal(typeof results[0].userId, 'number');
});

test('properties can be declared and used', async () => {
  const wanted = {
    groupName: 'partner_distribution',
    name: 'node_number',
    label: 'Node number',
    type: 'number',
    fieldType: 'number',
  };
  assert.equal((await properties.coreApi.create('contacts', wanted)).name, 'node_number');
  assert.equal((await create('number@node.example', { node_number: '7' })).properties.node_number, '7');
  const error = await refusal(() => properties.coreApi.create('contacts', wanted));
  assert.equal(error.code, 409);
});

test('pipelines have stages with a chance of winning', async () => {
  const { results } = await pipelines.pipelinesApi.getAll('deals');
  const registration = results.find((each) => each.label === 'Deal registration');
  assert.equal(registration.stages[0].metadata.isClosed, 'false');
});

test('a registered deal is associated with its contact and company', async () => {
  const made = await create('deal@node.example');
  const deal = await deals.basicApi.create({
    properties: { dealname: 'Acme', pipeline: 'deal-registration', dealstage: 'registration-submitted' },
    associations: [
      { to: { id: made.id }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 3 }] },
    ],
  });
  const read = await associations.v4.batchApi.getPage('contacts', 'deals', { inputs: [{ id: made.id }] });
  assert.equal(Number(read.results[0].to[0].toObjectId), Number(deal.id));
  const company = await companies.basicApi.create({ properties: { name: 'Acme' } });
  await associations.v4.basicApi.createDefault('deals', deal.id, 'companies', company.id);
  const page = await associations.v4.basicApi.getPage('companies', company.id, 'deals');
  assert.equal(page.results[0].associationTypes[0].typeId, 342);
});

test('notes and tasks hang on a contact', async () => {
  const made = await create('note@node.example');
  const links = (type) => [
    { to: { id: made.id }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: type }] },
  ];
  const hs_timestamp = '2026-11-22T10:00:00.000Z';
  const note = { properties: { hs_timestamp, hs_note_body: 'Routed' }, associations: links(202) };
  const task = { properties: { hs_timestamp, hs_task_subject: 'Call' }, associations: links(204) };
  assert.ok((await objects.notes.basicApi.create(note)).id);
  assert.ok((await objects.tasks.basicApi.create(task)).id);
  const read = await contacts.basicApi.getById(made.id, [], [], ['notes', 'tasks']);
  assert.deepEqual(Object.keys(read.associations).sort(), ['notes', 'tasks']);
});

test('a merged contact is found under its old id', async () => {
  const [winner, loser] = [await create('winner@node.example'), await create('loser@node.example')];
  await contacts.basicApi.merge({ primaryObjectId: winner.id, objectIdToMerge: loser.id });
  assert.equal((await contacts.basicApi.getById(loser.id)).id, winner.id);
});

test('the date-based paths answer the same', async () => {
  const made = await create('dated@node.example');
  for (const version of ['2026-03', '2026-09']) {
    const answer = await client.apiRequest({ path: `/crm/objects/${version}/contacts/${made.id}` });
    assert.equal((await answer.json()).id, made.id);
  }
});

test('an access token can be renewed', async () => {
  const answer = await client.oauth.tokensApi.create(
    'refresh_token',
    undefined,
    undefined,
    'sandbox-client',
    'sandbox-secret',
    'refresh-sandbox',
  );
  assert.equal(answer.expiresIn, 1800);
});
