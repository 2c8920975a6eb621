BEGIN TRANSACTION;
CREATE TABLE alias (
	crm VARCHAR NOT NULL, 
	old_id VARCHAR NOT NULL, 
	new_id VARCHAR NOT NULL, 
	PRIMARY KEY (crm, old_id)
);
INSERT INTO "alias" VALUES('salesforce','000005','000006');
CREATE TABLE api_call (
	crm VARCHAR NOT NULL, 
	day VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	calls INTEGER NOT NULL, 
	PRIMARY KEY (crm, day, purpose)
);
INSERT INTO "api_call" VALUES('salesforce','2026-11-02','pull',2);
CREATE TABLE assignment (
	id INTEGER NOT NULL, 
	crm VARCHAR NOT NULL, 
	lead_id VARCHAR NOT NULL, 
	decision_id INTEGER NOT NULL, 
	ledger VARCHAR NOT NULL, 
	partner VARCHAR NOT NULL, 
	owner VARCHAR NOT NULL, 
	route VARCHAR, 
	rotation VARCHAR, 
	entry JSON NOT NULL, 
	since DATETIME NOT NULL, 
	open BOOLEAN NOT NULL, 
	ended_at DATETIME, 
	ended_because VARCHAR, 
	PRIMARY KEY (id)
);
INSERT INTO "assignment" VALUES(1,'salesforce','000001',1,'live','anna','user:anna@x.example','all','r','{"anna": -500000000, "bert": 500000000}','2026-11-02 09:00:00.000000',1,NULL,NULL);
INSERT INTO "assignment" VALUES(2,'salesforce','000002',2,'live','bert','user:bert@x.example','all','r','{"anna": -500000000, "bert": 500000000}','2026-11-02 09:00:00.000000',1,NULL,NULL);
INSERT INTO "assignment" VALUES(3,'salesforce','000003',3,'live','anna','user:anna@x.example','all','r','{"anna": -500000000, "bert": 500000000}','2026-11-02 09:00:00.000000',1,NULL,NULL);
INSERT INTO "assignment" VALUES(4,'salesforce','000005',5,'live','bert','user:bert@x.example','all','r','{"anna": -500000000, "bert": 500000000}','2026-11-02 09:00:00.000000',0,'2026-11-02 09:00:00.000000','merged');
CREATE TABLE credit (
	ledger VARCHAR NOT NULL, 
	rotation VARCHAR NOT NULL, 
	partner VARCHAR NOT NULL, 
	units BIGINT NOT NULL, 
	turns INTEGER NOT NULL, 
	PRIMARY KEY (ledger, rotation, partner)
);
INSERT INTO "credit" VALUES('live','r','anna',-2000000000,2);
INSERT INTO "credit" VALUES('live','r','bert',2000000000,2);
CREATE TABLE cursor (
	crm VARCHAR NOT NULL, 
	reading VARCHAR NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME, 
	"after" VARCHAR, 
	PRIMARY KEY (crm, reading)
);
INSERT INTO "cursor" VALUES('salesforce','pull','2026-11-02 09:00:00.000000','2026-11-02 09:00:00.000000','000006');
CREATE TABLE decision (
	id INTEGER NOT NULL, 
	crm VARCHAR NOT NULL, 
	lead_id VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	ledger VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	config_hash VARCHAR NOT NULL, 
	data JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "decision" VALUES(1,'salesforce','000001','2026-11-02 09:00:00.000000','live','assigned','hash','{"ref": "salesforce:000001", "at": "2026-11-02T09:00:00+00:00", "outcome": "assigned", "owner_before": "queue:Intake", "owner": "user:anna@x.example", "partner": "anna", "route": "all", "rotation": "r", "score": {"total": 0, "by_group": {}, "grade": null, "points": []}, "reasons": [], "choices": [], "credits": {"anna": -500000000, "bert": 500000000}, "look_again_at": null}');
INSERT INTO "decision" VALUES(2,'salesforce','000002','2026-11-02 09:00:00.000000','live','assigned','hash','{"ref": "salesforce:000002", "at": "2026-11-02T09:00:00+00:00", "outcome": "assigned", "owner_before": "queue:Intake", "owner": "user:bert@x.example", "partner": "bert", "route": "all", "rotation": "r", "score": {"total": 0, "by_group": {}, "grade": null, "points": []}, "reasons": [], "choices": [], "credits": {"anna": -500000000, "bert": 500000000}, "look_again_at": null}');
INSERT INTO "decision" VALUES(3,'salesforce','000003','2026-11-02 09:00:00.000000','live','assigned','hash','{"ref": "salesforce:000003", "at": "2026-11-02T09:00:00+00:00", "outcome": "assigned", "owner_before": "queue:Intake", "owner": "user:anna@x.example", "partner": "anna", "route": "all", "rotation": "r", "score": {"total": 0, "by_group": {}, "grade": null, "points": []}, "reasons": [], "choices": [], "credits": {"anna": -500000000, "bert": 500000000}, "look_again_at": null}');
INSERT INTO "decision" VALUES(4,'salesforce','000004','2026-11-02 09:00:00.000000','live','held','hash','{"ref": "salesforce:000004", "at": "2026-11-02T09:00:00+00:00", "outcome": "held", "owner_before": null, "owner": null, "partner": null, "route": "all", "rotation": null, "score": {"total": 0, "by_group": {}, "grade": null, "points": []}, "reasons": [], "choices": [], "credits": {}, "look_again_at": "2026-11-02T09:05:00+00:00"}');
INSERT INTO "decision" VALUES(5,'salesforce','000005','2026-11-02 09:00:00.000000','live','assigned','hash','{"ref": "salesforce:000005", "at": "2026-11-02T09:00:00+00:00", "outcome": "assigned", "owner_before": "queue:Intake", "owner": "user:bert@x.example", "partner": "bert", "route": "all", "rotation": "r", "score": {"total": 0, "by_group": {}, "grade": null, "points": []}, "reasons": [], "choices": [], "credits": {"anna": -500000000, "bert": 500000000}, "look_again_at": null}');
INSERT INTO "decision" VALUES(6,'salesforce','000005','2026-11-02 09:00:00.000000','live','gone','hash','{"ref": "salesforce:000005", "at": "2026-11-02T09:00:00+00:00", "outcome": "gone", "owner_before": "queue:Intake", "owner": null, "partner": null, "route": null, "rotation": null, "score": {"total": 0, "by_group": {}, "grade": null, "points": []}, "reasons": [{"code": "merged", "into": "000006"}], "choices": [], "credits": {}, "look_again_at": null}');
CREATE TABLE heartbeat (
	host VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (host)
);
INSERT INTO "heartbeat" VALUES('host','2026-11-02 09:00:00.000000');
CREATE TABLE lead (
	crm VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	owner VARCHAR, 
	fields JSON NOT NULL, 
	converted BOOLEAN NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	ledger VARCHAR, 
	outcome VARCHAR, 
	partner VARCHAR, 
	route VARCHAR, 
	wanted_owner VARCHAR, 
	written_partner VARCHAR, 
	look_again_at DATETIME, 
	held_since DATETIME, 
	linked VARCHAR, 
	settled_at DATETIME, 
	overwrites INTEGER NOT NULL, 
	seen_by VARCHAR NOT NULL, 
	PRIMARY KEY (crm, id)
);
INSERT INTO "lead" VALUES('salesforce','000001','2026-11-01 09:00:01.000000','2026-11-01 09:00:01.000000','user:anna@x.example','{"email": "mia@known.example", "company": "Known GmbH"}',0,'','decided','live','assigned','anna','all','user:anna@x.example','Anna',NULL,NULL,NULL,'2026-11-02 09:00:00.000000',0,'pull');
INSERT INTO "lead" VALUES('salesforce','000002','2026-11-01 09:00:02.000000','2026-11-01 09:00:02.000000','user:bert@x.example','{"email": "mia@known.example", "company": "Known GmbH"}',0,'','decided','live','assigned','bert','all','user:bert@x.example','Bert',NULL,NULL,NULL,'2026-11-02 09:00:00.000000',0,'pull');
INSERT INTO "lead" VALUES('salesforce','000003','2026-11-01 09:00:03.000000','2026-11-01 09:00:03.000000','queue:Intake','{"email": "mia@known.example", "company": "Known GmbH"}',0,'d5a27c50b2316efb3815e46e05343a5d','decided','live','assigned','anna','all','user:anna@x.example',NULL,NULL,NULL,NULL,NULL,0,'pull');
INSERT INTO "lead" VALUES('salesforce','000004','2026-11-01 09:00:04.000000','2026-11-01 09:00:04.000000','queue:Intake','{"email": "mia@known.example", "company": "Known GmbH"}',0,'d5a27c50b2316efb3815e46e05343a5d','decided','live','held',NULL,'all',NULL,NULL,'2026-11-02 09:05:00.000000','2026-11-02 09:00:00.000000',NULL,NULL,0,'pull');
INSERT INTO "lead" VALUES('salesforce','000005','2026-11-01 09:00:05.000000','2026-11-01 09:00:05.000000','queue:Intake','{"email": "mia@known.example", "company": "Known GmbH"}',0,'d5a27c50b2316efb3815e46e05343a5d','decided','live','gone',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'pull');
INSERT INTO "lead" VALUES('salesforce','000006','2026-11-01 09:00:06.000000','2026-11-01 09:00:06.000000','queue:Intake','{"email": "mia@known.example", "company": "Known GmbH"}',0,'d5a27c50b2316efb3815e46e05343a5d','waiting',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'pull');
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	crm VARCHAR NOT NULL, 
	lead_id VARCHAR NOT NULL, 
	decision_id INTEGER NOT NULL, 
	owner_before VARCHAR, 
	"values" JSON NOT NULL, 
	note VARCHAR, 
	follows BOOLEAN NOT NULL, 
	state VARCHAR NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_at DATETIME NOT NULL, 
	error VARCHAR, 
	created_at DATETIME NOT NULL, 
	settled_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "outbox" VALUES(1,'salesforce','000001',1,'queue:Intake','{"owner": "user:anna@x.example", "partner": "Anna"}',NULL,0,'settled',1,'2026-11-02 09:00:00.000000',NULL,'2026-11-02 09:00:00.000000','2026-11-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(2,'salesforce','000002',2,'queue:Intake','{"owner": "user:bert@x.example", "partner": "Bert"}',NULL,0,'settled',1,'2026-11-02 09:00:00.000000',NULL,'2026-11-02 09:00:00.000000','2026-11-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(3,'salesforce','000003',3,'queue:Intake','{"owner": "user:anna@x.example", "partner": "Anna"}',NULL,0,'parked',1,'2026-11-02 09:00:00.000000','no such owner','2026-11-02 09:00:00.000000',NULL);
INSERT INTO "outbox" VALUES(4,'salesforce','000005',5,'queue:Intake','{"owner": "user:bert@x.example", "partner": "Bert"}',NULL,0,'superseded',0,'2026-11-02 09:00:00.000000',NULL,'2026-11-02 09:00:00.000000',NULL);
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
	checked_at DATETIME NOT NULL, 
	PRIMARY KEY (crm, id)
);
INSERT INTO "progress" VALUES('salesforce','000002','Working',1,0,NULL,0,NULL,NULL,'2026-11-02 09:00:00.000000');
CREATE TABLE rate_limit (
	account VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	due_at DATETIME NOT NULL, 
	PRIMARY KEY (account, kind)
);
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "schema_version" VALUES(1);
CREATE INDEX ix_lead_outcome ON lead (outcome);
CREATE INDEX ix_lead_linked ON lead (linked);
CREATE INDEX lead_waiting ON lead (state, created_at, crm, id);
CREATE INDEX lead_look_again ON lead (look_again_at);
CREATE INDEX ix_alias_new_id ON alias (new_id);
CREATE INDEX ix_decision_at ON decision (at);
CREATE INDEX decision_of_lead ON decision (crm, lead_id);
CREATE INDEX assignment_load ON assignment (ledger, open, partner);
CREATE INDEX assignment_of_lead ON assignment (crm, lead_id);
CREATE INDEX outbox_of_lead ON outbox (crm, lead_id);
CREATE INDEX outbox_due ON outbox (crm, state, next_at);
COMMIT;
