CREATE TABLE alias (
	crm VARCHAR NOT NULL, 
	old_id VARCHAR NOT NULL, 
	new_id VARCHAR NOT NULL, 
	PRIMARY KEY (crm, old_id)
);
CREATE INDEX ix_alias_new_id ON alias (new_id);
CREATE TABLE api_call (
	crm VARCHAR NOT NULL, 
	day VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	calls INTEGER NOT NULL, 
	PRIMARY KEY (crm, day, purpose)
);
CREATE TABLE assignment (
	id SERIAL NOT NULL, 
	crm VARCHAR NOT NULL, 
	lead_id VARCHAR NOT NULL, 
	decision_id INTEGER NOT NULL, 
	ledger VARCHAR NOT NULL, 
	partner VARCHAR NOT NULL, 
	owner VARCHAR NOT NULL, 
	route VARCHAR, 
	rotation VARCHAR, 
	entry JSONB NOT NULL, 
	since TIMESTAMP WITH TIME ZONE NOT NULL, 
	open BOOLEAN NOT NULL, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	ended_because VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX assignment_load ON assignment (ledger, open, partner);
CREATE INDEX assignment_of_lead ON assignment (crm, lead_id);
CREATE TABLE credit (
	ledger VARCHAR NOT NULL, 
	rotation VARCHAR NOT NULL, 
	partner VARCHAR NOT NULL, 
	units BIGINT NOT NULL, 
	turns INTEGER NOT NULL, 
	PRIMARY KEY (ledger, rotation, partner)
);
CREATE TABLE cursor (
	crm VARCHAR NOT NULL, 
	reading VARCHAR NOT NULL, 
	since TIMESTAMP WITH TIME ZONE NOT NULL, 
	until TIMESTAMP WITH TIME ZONE, 
	after VARCHAR, 
	PRIMARY KEY (crm, reading)
);
CREATE TABLE decision (
	id SERIAL NOT NULL, 
	crm VARCHAR NOT NULL, 
	lead_id VARCHAR NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ledger VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	config_hash VARCHAR NOT NULL, 
	data JSONB NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX decision_of_lead ON decision (crm, lead_id);
CREATE INDEX ix_decision_at ON decision (at);
CREATE TABLE heartbeat (
	host VARCHAR NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	PRIMARY KEY (host)
);
CREATE TABLE lead (
	crm VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	owner VARCHAR, 
	fields JSONB NOT NULL, 
	converted BOOLEAN NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	ledger VARCHAR, 
	outcome VARCHAR, 
	partner VARCHAR, 
	route VARCHAR, 
	wanted_owner VARCHAR, 
	written_partner VARCHAR, 
	look_again_at TIMESTAMP WITH TIME ZONE, 
	held_since TIMESTAMP WITH TIME ZONE, 
	linked VARCHAR, 
	settled_at TIMESTAMP WITH TIME ZONE, 
	overwrites INTEGER NOT NULL, 
	seen_by VARCHAR NOT NULL, 
	PRIMARY KEY (crm, id)
);
CREATE INDEX ix_lead_linked ON lead (linked);
CREATE INDEX ix_lead_outcome ON lead (outcome);
CREATE INDEX lead_look_again ON lead (look_again_at);
CREATE INDEX lead_waiting ON lead (state, created_at, crm, id);
CREATE TABLE outbox (
	id SERIAL NOT NULL, 
	crm VARCHAR NOT NULL, 
	lead_id VARCHAR NOT NULL, 
	decision_id INTEGER NOT NULL, 
	owner_before VARCHAR, 
	values JSONB NOT NULL, 
	note VARCHAR, 
	follows BOOLEAN NOT NULL, 
	state VARCHAR NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	error VARCHAR, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	settled_at TIMESTAMP WITH TIME ZONE, 
	PRIMARY KEY (id)
);
CREATE INDEX outbox_due ON outbox (crm, state, next_at);
CREATE INDEX outbox_of_lead ON outbox (crm, lead_id);
CREATE TABLE progress (
	crm VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	status VARCHAR, 
	open BOOLEAN NOT NULL, 
	converted BOOLEAN NOT NULL, 
	won BOOLEAN, 
	open_deals INTEGER NOT NULL, 
	amount FLOAT, 
	currency VARCHAR, 
	checked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	PRIMARY KEY (crm, id)
);
CREATE TABLE rate_limit (
	account VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	PRIMARY KEY (account, kind)
);
CREATE TABLE schema_version (
	version SERIAL NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "alias" ("crm", "old_id", "new_id") VALUES ('salesforce', '000005', '000006');
INSERT INTO "api_call" ("crm", "day", "purpose", "calls") VALUES ('salesforce', '2026-11-02', 'pull', 2);
INSERT INTO "assignment" ("id", "crm", "lead_id", "decision_id", "ledger", "partner", "owner", "route", "rotation", "entry", "since", "open", "ended_at", "ended_because") VALUES (1, 'salesforce', '000001', 1, 'live', 'anna', 'user:anna@x.example', 'all', 'r', '{"anna": -500000000, "bert": 500000000}', '2026-11-02 09:00:00.000000+00', true, NULL, NULL);
INSERT INTO "assignment" ("id", "crm", "lead_id", "decision_id", "ledger", "partner", "owner", "route", "rotation", "entry", "since", "open", "ended_at", "ended_because") VALUES (2, 'salesforce', '000002', 2, 'live', 'bert', 'user:bert@x.example', 'all', 'r', '{"anna": -500000000, "bert": 500000000}', '2026-11-02 09:00:00.000000+00', true, NULL, NULL);
INSERT INTO "assignment" ("id", "crm", "lead_id", "decision_id", "ledger", "partner", "owner", "route", "rotation", "entry", "since", "open", "ended_at", "ended_because") VALUES (3, 'salesforce', '000003', 3, 'live', 'anna', 'user:anna@x.example', 'all', 'r', '{"anna": -500000000, "bert": 500000000}', '2026-11-02 09:00:00.000000+00', true, NULL, NULL);
INSERT INTO "assignment" ("id", "crm", "lead_id", "decision_id", "ledger", "partner", "owner", "route", "rotation", "entry", "since", "open", "ended_at", "ended_because") VALUES (4, 'salesforce', '000005', 5, 'live', 'bert', 'user:bert@x.example', 'all', 'r', '{"anna": -500000000, "bert": 500000000}', '2026-11-02 09:00:00.000000+00', false, '2026-11-02 09:00:00.000000+00', 'merged');
SELECT setval('assignment_id_seq', (SELECT max(id) FROM assignment));
INSERT INTO "credit" ("ledger", "rotation", "partner", "units", "turns") VALUES ('live', 'r', 'anna', -2000000000, 2);
INSERT INTO "credit" ("ledger", "rotation", "partner", "units", "turns") VALUES ('live', 'r', 'bert', 2000000000, 2);
INSERT INTO "cursor" ("crm", "reading", "since", "until", "after") VALUES ('salesforce', 'pull', '2026-11-02 09:00:00.000000+00', '2026-11-02 09:00:00.000000+00', '000006');
INSERT INTO "decision" ("id", "crm", "lead_id", "at", "ledger", "outcome", "config_hash", "data") VALUES (1, 'salesforce', '000001', '2026-11-02 09:00:00.000000+00', 'live', 'assigned', 'hash', '{"ref": "salesforce:000001", "at": "2026-11-02T09:00:00+00:00", "outcome": "assigned", "owner_before": "queue:Intake", "owner": "user:anna@x.example", "partner": "anna", "route": "all", "rotation": "r", "score": {"total": 0, "by_group": {}, "grade": null, "points": []}, "reasons": [], "choices": [], "credits": {"anna": -500000000, "bert": 500000000}, "look_again_at": null}');
INSERT INTO "decision" ("id", "crm", "lead_id", "at", "ledger", "outcome", "config_hash", "data") VALUES (2, 'salesforce', '000002', '2026-11-02 09:00:00.000000+00', 'live', 'assigned', 'hash', '{"ref": "salesforce:000002", "at": "2026-11-02T09:00:00+00:00", "outcome": "assigned", "owner_before": "queue:Intake", "owner": "user:bert@x.example", "partner": "bert", "route": "all", "rotation": "r", "score": {"total": 0, "by_group": {}, "grade": null, "points": []}, "reasons": [], "choices": [], "credits": {"anna": -500000000, "bert": 500000000}, "look_again_at": null}');
INSERT INTO "decision" ("id", "crm", "lead_id", "at", "ledger", "outcome", "config_hash", "data") VALUES (3, 'salesforce', '000003', '2026-11-02 09:00:00.000000+00', 'live', 'assigned', 'hash', '{"ref": "salesforce:000003", "at": "2026-11-02T09:00:00+00:00", "outcome": "assigned", "owner_before": "queue:Intake", "owner": "user:anna@x.example", "partner": "anna", "route": "all", "rotation": "r", "score": {"total": 0, "by_group": {}, "grade": null, "points": []}, "reasons": [], "choices": [], "credits": {"anna": -500000000, "bert": 500000000}, "look_again_at": null}');
INSERT INTO "decision" ("id", "crm", "lead_id", "at", "ledger", "outcome", "config_hash", "data") VALUES (4, 'salesforce', '000004', '2026-11-02 09:00:00.000000+00', 'live', 'held', 'hash', '{"ref": "salesforce:000004", "at": "2026-11-02T09:00:00+00:00", "outcome": "held", "owner_before": null, "owner": null, "partner": null, "route": "all", "rotation": null, "score": {"total": 0, "by_group": {}, "grade": null, "points": []}, "reasons": [], "choices": [], "credits": {}, "look_again_at": "2026-11-02T09:05:00+00:00"}');
INSERT INTO "decision" ("id", "crm", "lead_id", "at", "ledger", "outcome", "config_hash", "data") VALUES (5, 'salesforce', '000005', '2026-11-02 09:00:00.000000+00', 'live', 'assigned', 'hash', '{"ref": "salesforce:000005", "at": "2026-11-02T09:00:00+00:00", "outcome": "assigned", "owner_before": "queue:Intake", "owner": "user:bert@x.example", "partner": "bert", "route": "all", "rotation": "r", "score": {"total": 0, "by_group": {}, "grade": null, "points": []}, "reasons": [], "choices": [], "credits": {"anna": -500000000, "bert": 500000000}, "look_again_at": null}');
INSERT INTO "decision" ("id", "crm", "lead_id", "at", "ledger", "outcome", "config_hash", "data") VALUES (6, 'salesforce', '000005', '2026-11-02 09:00:00.000000+00', 'live', 'gone', 'hash', '{"ref": "salesforce:000005", "at": "2026-11-02T09:00:00+00:00", "outcome": "gone", "owner_before": "queue:Intake", "owner": null, "partner": null, "route": null, "rotation": null, "score": {"total": 0, "by_group": {}, "grade": null, "points": []}, "reasons": [{"code": "merged", "into": "000006"}], "choices": [], "credits": {}, "look_again_at": null}');
SELECT setval('decision_id_seq', (SELECT max(id) FROM decision));
INSERT INTO "heartbeat" ("host", "at") VALUES ('host', '2026-11-02 09:00:00.000000+00');
INSERT INTO "lead" ("crm", "id", "created_at", "changed_at", "owner", "fields", "converted", "fingerprint", "state", "ledger", "outcome", "partner", "route", "wanted_owner", "written_partner", "look_again_at", "held_since", "linked", "settled_at", "overwrites", "seen_by") VALUES ('salesforce', '000001', '2026-11-01 09:00:01.000000+00', '2026-11-01 09:00:01.000000+00', 'user:anna@x.example', '{"email": "mia@known.example", "company": "Known GmbH"}', false, '', 'decided', 'live', 'assigned', 'anna', 'all', 'user:anna@x.example', 'Anna', NULL, NULL, NULL, '2026-11-02 09:00:00.000000+00', 0, 'pull');
INSERT INTO "lead" ("crm", "id", "created_at", "changed_at", "owner", "fields", "converted", "fingerprint", "state", "ledger", "outcome", "partner", "route", "wanted_owner", "written_partner", "look_again_at", "held_since", "linked", "settled_at", "overwrites", "seen_by") VALUES ('salesforce', '000002', '2026-11-01 09:00:02.000000+00', '2026-11-01 09:00:02.000000+00', 'user:bert@x.example', '{"email": "mia@known.example", "company": "Known GmbH"}', false, '', 'decided', 'live', 'assigned', 'bert', 'all', 'user:bert@x.example', 'Bert', NULL, NULL, NULL, '2026-11-02 09:00:00.000000+00', 0, 'pull');
INSERT INTO "lead" ("crm", "id", "created_at", "changed_at", "owner", "fields", "converted", "fingerprint", "state", "ledger", "outcome", "partner", "route", "wanted_owner", "written_partner", "look_again_at", "held_since", "linked", "settled_at", "overwrites", "seen_by") VALUES ('salesforce', '000003', '2026-11-01 09:00:03.000000+00', '2026-11-01 09:00:03.000000+00', 'queue:Intake', '{"email": "mia@known.example", "company": "Known GmbH"}', false, 'd5a27c50b2316efb3815e46e05343a5d', 'decided', 'live', 'assigned', 'anna', 'all', 'user:anna@x.example', NULL, NULL, NULL, NULL, NULL, 0, 'pull');
INSERT INTO "lead" ("crm", "id", "created_at", "changed_at", "owner", "fields", "converted", "fingerprint", "state", "ledger", "outcome", "partner", "route", "wanted_owner", "written_partner", "look_again_at", "held_since", "linked", "settled_at", "overwrites", "seen_by") VALUES ('salesforce', '000004', '2026-11-01 09:00:04.000000+00', '2026-11-01 09:00:04.000000+00', 'queue:Intake', '{"email": "mia@known.example", "company": "Known GmbH"}', false, 'd5a27c50b2316efb3815e46e05343a5d', 'decided', 'live', 'held', NULL, 'all', NULL, NULL, '2026-11-02 09:05:00.000000+00', '2026-11-02 09:00:00.000000+00', NULL, NULL, 0, 'pull');
INSERT INTO "lead" ("crm", "id", "created_at", "changed_at", "owner", "fields", "converted", "fingerprint", "state", "ledger", "outcome", "partner", "route", "wanted_owner", "written_partner", "look_again_at", "held_since", "linked", "settled_at", "overwrites", "seen_by") VALUES ('salesforce', '000005', '2026-11-01 09:00:05.000000+00', '2026-11-01 09:00:05.000000+00', 'queue:Intake', '{"email": "mia@known.example", "company": "Known GmbH"}', false, 'd5a27c50b2316efb3815e46e05343a5d', 'decided', 'live', 'gone', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 'pull');
INSERT INTO "lead" ("crm", "id", "created_at", "changed_at", "owner", "fields", "converted", "fingerprint", "state", "ledger", "outcome", "partner", "route", "wanted_owner", "written_partner", "look_again_at", "held_since", "linked", "settled_at", "overwrites", "seen_by") VALUES ('salesforce', '000006', '2026-11-01 09:00:06.000000+00', '2026-11-01 09:00:06.000000+00', 'queue:Intake', '{"email": "mia@known.example", "company": "Known GmbH"}', false, 'd5a27c50b2316efb3815e46e05343a5d', 'waiting', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 'pull');
INSERT INTO "outbox" ("id", "crm", "lead_id", "decision_id", "owner_before", "values", "note", "follows", "state", "attempts", "next_at", "error", "created_at", "settled_at") VALUES (1, 'salesforce', '000001', 1, 'queue:Intake', '{"owner": "user:anna@x.example", "partner": "Anna"}', NULL, false, 'settled', 1, '2026-11-02 09:00:00.000000+00', NULL, '2026-11-02 09:00:00.000000+00', '2026-11-02 09:00:00.000000+00');
INSERT INTO "outbox" ("id", "crm", "lead_id", "decision_id", "owner_before", "values", "note", "follows", "state", "attempts", "next_at", "error", "created_at", "settled_at") VALUES (2, 'salesforce', '000002', 2, 'queue:Intake', '{"owner": "user:bert@x.example", "partner": "Bert"}', NULL, false, 'settled', 1, '2026-11-02 09:00:00.000000+00', NULL, '2026-11-02 09:00:00.000000+00', '2026-11-02 09:00:00.000000+00');
INSERT INTO "outbox" ("id", "crm", "lead_id", "decision_id", "owner_before", "values", "note", "follows", "state", "attempts", "next_at", "error", "created_at", "settled_at") VALUES (3, 'salesforce', '000003', 3, 'queue:Intake', '{"owner": "user:anna@x.example", "partner": "Anna"}', NULL, false, 'parked', 1, '2026-11-02 09:00:00.000000+00', 'no such owner', '2026-11-02 09:00:00.000000+00', NULL);
INSERT INTO "outbox" ("id", "crm", "lead_id", "decision_id", "owner_before", "values", "note", "follows", "state", "attempts", "next_at", "error", "created_at", "settled_at") VALUES (4, 'salesforce', '000005', 5, 'queue:Intake', '{"owner": "user:bert@x.example", "partner": "Bert"}', NULL, false, 'superseded', 0, '2026-11-02 09:00:00.000000+00', NULL, '2026-11-02 09:00:00.000000+00', NULL);
SELECT setval('outbox_id_seq', (SELECT max(id) FROM outbox));
INSERT INTO "progress" ("crm", "id", "status", "open", "converted", "won", "open_deals", "amount", "currency", "checked_at") VALUES ('salesforce', '000002', 'Working', true, false, NULL, 0, NULL, NULL, '2026-11-02 09:00:00.000000+00');
INSERT INTO "schema_version" ("version") VALUES (1);
