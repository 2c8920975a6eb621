// The contract as jsforce, a client of its own making, sees it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import jsforce from 'jsforce';

const loginUrl = process.env.SANDBOX;
const keys = { clientId: 'sandbox-key', clientSecret: 'sandbox-secret', loginUrl };
const connection = new jsforce.Connection({ loginUrl, version: '62.0', oauth2: keys });
const headers = { 'Sforce-Auto-Assign': 'FALSE' };
const ada = { LastName: 'Lovelace', Company: 'Engines Ltd' };

async function refusal(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return assert.fail('expected an error');
}

async function ownerId(username) {
  return (await connection.sobject('User').findOne({ Username: username }, ['Id'])).Id;
}

before(async () => {
  await connection.authorize({ grant_type: 'client_credentials' });
});

test('client credentials give a session at the address of the sandbox', async () => {
  assert.equal(connection.instanceUrl, loginUrl);
  assert.match(connection.accessToken, /^00D.+!/);
});

test('a wrong secret is refused', async () => {
  const wrong = new jsforce.Connection({ loginUrl, oauth2: { ...keys, clientSecret: 'x' } });
  const error = await refusal(() => wrong.authorize({ grant_type: 'client_credentials' }));
  assert.equal(error.name, 'invalid_client');
});

test('a lead is made, read, changed and deleted', async () => {
  const made = await connection.sobject('Lead').create(ada, { headers });
  assert.equal(made.success, true);
  assert.match(made.id, /^00Q.{15}$/);
  await connection.sobject('Lead').update({ Id: made.id, City: 'Graz' }, { headers });
  const read = await connection.sobject('Lead').retrieve(made.id);
  assert.equal(read.City, 'Graz');
  assert.equal(read.Website, null);
  assert.equal(read.attributes.type, 'Lead');
  await connection.sobject('Lead').destroy(made.id);
  const error = await refusal(() => connection.sobject('Lead').retrieve(made.id));
  assert.equal(error.errorCode, 'ENTITY_IS_DELETED');
});

test('long answers are fetched page by page', async () => {
  const soql = "SELECT Id, Owner.Name FROM Lead WHERE LeadSource = 'Seed' ORDER BY Id";
  const first = await connection.query(soql);
  assert.deepEqual([first.totalSize, first.done, first.records.length], [2500, false, 2000]);
  const rest = await connection.queryMore(first.nextRecordsUrl);
  assert.deepEqual([rest.done, rest.records.length], [true, 500]);
  const all = await connection.query(soql, { autoFetch: true, maxFetch: 3000 });
  assert.equal(new Set(all.records.map((record) => record.Id)).size, 2500);
  assert.equal(all.records[0].Owner.Name, 'Web Intake');
});

test('conditions are written by the client and understood', async () => {
  const created = jsforce.SfDate.toDateTimeLiteral('2026-11-22T00:00:00Z');
  const found = await connection
    .sobject('Lead')
    .find({ LeadSource: 'Seed', LastName: { $like: 'Seed 7%' }, CreatedDate: { $gte: created } }, ['LastName'])
    .sort({ LastName: -1 })
    .limit(5)
    .execute();
  assert.deepEqual(found.map((lead) => lead.LastName), ['Seed 799', 'Seed 798', 'Seed 797', 'Seed 796', 'Seed 795']);
  assert.equal(await connection.sobject('Lead').count({ LeadSource: 'Seed', Email: null }), 2500);
});

test('many records are written in one call, each with its own result', async () => {
  const made = await connection.sobject('Lead').create([ada, { LastName: 'No company' }], { headers });
  assert.deepEqual(made.map((each) => each.success), [true, false]);
  assert.equal(made[1].errors[0].statusCode, 'REQUIRED_FIELD_MISSING');
  const dora = await ownerId('dora.direct@acme.example');
  const records = [
    { Id: made[0].id, OwnerId: dora },
    { Id: '00Q000000000001EAA', OwnerId: dora },
  ];
  const changed = await connection.sobject('Lead').update(records, { headers });
  assert.deepEqual(changed.map((each) => each.success), [true, false]);
  const [read, missing] = await connection.sobject('Lead').retrieve([made[0].id, made[0].id]);
  assert.equal(read.OwnerId, dora);
  assert.equal(missing.Id, made[0].id);
  const gone = await connection.sobject('Lead').destroy([made[0].id]);
  assert.equal(gone[0].success, true);
});

test('all or none undoes the good ones', async () => {
  const rows = [ada, { LastName: 'No company' }];
  const made = await connection.sobject('Lead').create(rows, { headers, allOrNone: true });
  assert.equal(made[0].errors[0].statusCode, 'ALL_OR_NONE_OPERATION_ROLLED_BACK');
});

test('without the header the assignment rule takes the lead', async () => {
  const dora = await ownerId('dora.direct@acme.example');
  const made = await connection.sobject('Lead').create({ ...ada, OwnerId: dora });
  const read = await connection.sobject('Lead').retrieve(made.id);
  assert.notEqual(read.OwnerId, dora);
});

test('an upsert finds its record by external id', async () => {
  const row = { ...ada, Web_Id__c: 'form 17' };
  const first = await connection.sobject('Lead').upsert(row, 'Web_Id__c', { headers });
  const second = await connection.sobject('Lead').upsert(row, 'Web_Id__c', { headers });
  assert.deepEqual([first.created, second.created], [true, false]);
  assert.equal(first.id, second.id);
});

test('a condition on a write is kept', async () => {
  const made = await connection.sobject('Lead').create(ada, { headers });
  const early = { ...headers, 'If-Unmodified-Since': 'Mon, 23 Nov 2026 11:00:00 GMT' };
  const error = await refusal(() => connection.sobject('Lead').update({ Id: made.id, City: 'Graz' }, { headers: early }));
  assert.equal(error.errorCode, 'PRECONDITION_FAILED');
});

test('objects are described', async () => {
  const lead = await connection.sobject('Lead').describe();
  const owner = lead.fields.find((field) => field.name === 'OwnerId');
  assert.deepEqual(owner.referenceTo, ['Group', 'User']);
  assert.ok((await connection.describeGlobal()).sobjects.some((each) => each.name === 'Opportunity'));
});

test('changes and deletions are replicated', async () => {
  const made = await connection.sobject('Lead').create(ada, { headers });
  const changed = await connection.sobject('Lead').updated('2026-11-23T11:00:00Z', '2026-11-23T12:00:00Z');
  assert.ok(Array.isArray(changed.ids));
  assert.equal(changed.latestDateCovered, '2026-11-23T12:00:00.000+0000');
  await connection.sobject('Lead').destroy(made.id);
  const deleted = await connection.sobject('Lead').deleted('2026-11-23T11:00:00Z', '2026-11-23T12:00:00Z');
  assert.ok(Array.isArray(deleted.deletedRecords));
});

test('a bad query names its place', async () => {
  const error = await refusal(() => connection.query('SELECT Nope FROM Lead'));
  assert.equal(error.errorCode, 'INVALID_FIELD');
  assert.match(error.message, /ERROR at Row:1:Column:8/);
});

test('the client learns how many calls are left', async () => {
  await connection.request('/limits');
  assert.equal(connection.limitInfo.apiUsage.limit, 100000);
  assert.ok(connection.limitInfo.apiUsage.used > 0);
});

test('a session that ended is renewed by the client', async () => {
  const renewing = new jsforce.Connection({
    instanceUrl: loginUrl,
    accessToken: 'ended',
    version: '62.0',
    refreshFn: (_, done) => done(null, connection.accessToken),
  });
  assert.equal((await renewing.query('SELECT COUNT() FROM Account')).totalSize, 12);
});
