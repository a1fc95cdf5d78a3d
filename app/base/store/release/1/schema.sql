-- The whole database. Nothing else creates a table, an index, a view or a trigger.
-- Times are Unix seconds (UTC). Days are 'YYYY-MM-DD' of the house's time zone.
-- An open end is 9223372036854775807, so that "since <= now AND now < until" needs no NULL.
-- The heading above a table names the package that alone may change it.
-- Lines with "-- #" above a table are its entry in the data catalogue (GDPR Art. 5, 30), in German, for all of its columns:
--   "-- # Zweck; basis; class; recipients", "-- # column, column: Zweck; basis; class; recipients" for those that differ, or
--   "-- # keine Personen". The keys of basis, class and recipients stand in app/house_catalogue_test.go, which wants an entry
--   of every table.
-- Roles are the numbers of app/base/who; a set of roles is the sum of 1 << role.

-- base/settings ------------------------------------------------------------

CREATE TABLE setting (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL               -- secrets are sealed with the key file outside the database
) STRICT, WITHOUT ROWID;

-- base/org -----------------------------------------------------------------

-- Einheit: a place in the tree.
-- # keine Personen
CREATE TABLE unit (
	id     INTEGER PRIMARY KEY,
	uid    TEXT NOT NULL UNIQUE,      -- UUIDv7, the same in every export
	parent INTEGER REFERENCES unit (id), -- NULL: the root of the house
	kind   TEXT NOT NULL CHECK (kind IN ('city', 'office', 'carrier', 'facility', 'group', 'committee')),
	name   TEXT NOT NULL CHECK (name <> ''),
	city   TEXT NOT NULL DEFAULT '',  -- with source: the key of an import
	source TEXT,                      -- the list's own id; NULL: entered by hand
	since  INTEGER NOT NULL,
	until  INTEGER NOT NULL DEFAULT 9223372036854775807,
	CHECK ((parent IS NULL) = (kind = 'city'))
) STRICT;
CREATE UNIQUE INDEX unit_by_source ON unit (city, source) WHERE source IS NOT NULL;
CREATE INDEX unit_by_parent ON unit (parent, kind, name);
CREATE INDEX unit_committee ON unit (parent) WHERE kind = 'committee';

-- All units above a unit, and itself.
-- # keine Personen
CREATE TABLE unit_up (
	unit  INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	above INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	depth INTEGER NOT NULL,           -- 0: the unit itself
	PRIMARY KEY (unit, above)
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_down ON unit_up (above, unit);

-- What lists of facilities tell about a facility. Empty or NULL: the source says nothing.
CREATE TABLE unit_facility (
	unit           INTEGER PRIMARY KEY REFERENCES unit (id) ON DELETE CASCADE,
	kind           TEXT NOT NULL DEFAULT '', -- Kita, Hort, Jugendzentrum ... as the source says
	street         TEXT NOT NULL DEFAULT '',
	house_no       TEXT NOT NULL DEFAULT '',
	postcode       TEXT NOT NULL DEFAULT '',
	district       TEXT NOT NULL DEFAULT '',
	lat            REAL,
	lon            REAL,
	places_total   INTEGER,
	places_u3      INTEGER,
	places_ue3     INTEGER,
	age_min_months INTEGER,
	age_max_months INTEGER,
	opening_hours  TEXT NOT NULL DEFAULT '',
	barrier_free   TEXT NOT NULL DEFAULT '',
	integrative    TEXT NOT NULL DEFAULT '',
	languages      TEXT NOT NULL DEFAULT '',
	concept        TEXT NOT NULL DEFAULT '',
	website        TEXT NOT NULL DEFAULT '',
	phone          TEXT NOT NULL DEFAULT '', -- of the facility, shown to its families
	row            TEXT NOT NULL DEFAULT ''  -- hash of the imported line: same or changed
) STRICT;

-- Mitgliedschaft: a role, somewhere, for a term.
-- # festhalten, wer wo welche Aufgabe und damit welche Rechte hat; task; house; registrars, auditor
-- # mail, phone: Menschen mit einer Aufgabe erreichen; task; house; registrars
CREATE TABLE membership (
	id     INTEGER PRIMARY KEY,
	person INTEGER NOT NULL REFERENCES person (id),
	unit   INTEGER NOT NULL REFERENCES unit (id),
	role   INTEGER NOT NULL CHECK (role IN (1, 2, 3, 4, 5, 7, 8, 9, 10)), -- parents (6) come from guardian
	office TEXT NOT NULL DEFAULT '' CHECK (office IN ('', 'chair', 'deputy', 'secretary', 'treasurer', 'delegate', 'substitute')),
	state  TEXT NOT NULL CHECK (state IN ('invited', 'accepted', 'confirmed', 'suspended', 'ended')),
	mail   TEXT NOT NULL DEFAULT '',  -- how this unit reaches the person
	phone  TEXT NOT NULL DEFAULT '',
	since  INTEGER NOT NULL,
	until  INTEGER NOT NULL DEFAULT 9223372036854775807,
	CHECK (since < until)
) STRICT;
CREATE INDEX membership_by_person ON membership (person, unit, role);
CREATE INDEX membership_by_unit ON membership (unit, role, person);

-- base/person --------------------------------------------------------------

-- Somebody with or without sign-in.
-- # Menschen im Haus benennen und in ihrer Sprache ansprechen; task; house; team, registrars
CREATE TABLE person (
	id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never given again: the record of base/audit keeps it
	uid        TEXT NOT NULL UNIQUE,
	given      TEXT NOT NULL,
	family     TEXT NOT NULL,
	language   TEXT NOT NULL DEFAULT 'de' -- BCP 47; in which the person reads the house
) STRICT;

-- A child never signs in.
-- # Kinder der Einrichtung benennen und ihrer Gruppe zuordnen; task; house; team, family, registrars
-- # born: Kinder gleichen Namens unterscheiden; task; house; registrars
-- # ref: Listen des Trägers wieder zuordnen; task; house; registrars
CREATE TABLE child (
	id       INTEGER PRIMARY KEY AUTOINCREMENT, -- as of a person
	uid      TEXT NOT NULL UNIQUE,
	facility INTEGER NOT NULL REFERENCES unit (id), -- for the key of an import; the group decides over rights
	ref      TEXT NOT NULL DEFAULT '',              -- the carrier's own number; '': none
	given    TEXT NOT NULL CHECK (given <> ''),
	family   TEXT NOT NULL,
	born     TEXT NOT NULL DEFAULT ''               -- day; '': not told
) STRICT;
CREATE UNIQUE INDEX child_by_ref ON child (facility, ref) WHERE ref <> '';
CREATE INDEX child_by_name ON child (facility, family, given, born);

-- In which group a child is looked after, and was: one at a time.
-- # festhalten, welche Gruppe ein Kind wann betreut, damit Mitteilungen die richtigen Familien erreichen; task; house; team, family, registrars
CREATE TABLE child_stay (
	child INTEGER NOT NULL REFERENCES child (id) ON DELETE CASCADE,
	since INTEGER NOT NULL,
	unit  INTEGER NOT NULL REFERENCES unit (id),
	until INTEGER NOT NULL DEFAULT 9223372036854775807,
	PRIMARY KEY (child, since),
	CHECK (since <= until)
) STRICT, WITHOUT ROWID;
CREATE INDEX child_stay_by_unit ON child_stay (unit, until, child);

-- Sorgeberechtigte: ties a person to a child, as one carrier knows it.
-- # festhalten, wer für ein Kind sorgt, entscheidet und benachrichtigt wird; task; house; team, registrars
-- # mail, phone: Sorgeberechtigte erreichen, auch im Notfall; task; house; team, registrars
CREATE TABLE guardian (
	id       INTEGER PRIMARY KEY,
	child    INTEGER NOT NULL REFERENCES child (id) ON DELETE CASCADE,
	person   INTEGER NOT NULL REFERENCES person (id),
	relation TEXT NOT NULL DEFAULT '',    -- Mutter, Vater, Großeltern ... in the family's words
	rank     INTEGER NOT NULL DEFAULT 1,  -- order of calling
	informed INTEGER NOT NULL DEFAULT 1 CHECK (informed IN (0, 1)), -- gets announcements
	decides  INTEGER NOT NULL DEFAULT 1 CHECK (decides IN (0, 1)),  -- may excuse, sign, ask for emergency care
	state    TEXT NOT NULL CHECK (state IN ('invited', 'accepted', 'confirmed', 'suspended', 'ended')),
	mail     TEXT NOT NULL DEFAULT '',
	phone    TEXT NOT NULL DEFAULT '',
	language TEXT NOT NULL DEFAULT 'de',  -- of letters and mails to this guardian
	since    INTEGER NOT NULL,
	until    INTEGER NOT NULL DEFAULT 9223372036854775807,
	UNIQUE (child, person)
) STRICT;
CREATE INDEX guardian_by_person ON guardian (person, child);
CREATE INDEX guardian_by_child ON guardian (child, state, informed, person); -- coverage of a city looks at 180,000 of them

-- Entschuldigt: which child is not expected on which days. A word of the kernel, so that coverage can leave such a child
-- out without knowing who writes absences down.
CREATE VIEW excused (child, first_day, last_day) AS
	SELECT child, first_day, last_day FROM absence WHERE withdrawn IS NULL;

-- Which roles a person holds where, with their term. Only confirmed ones count;
-- whoever asks adds "since <= now AND now < until". An office acts for the unit above it.
CREATE VIEW holding (person, unit, role, since, until) AS
	SELECT m.person, m.unit, m.role, max(m.since, u.since), min(m.until, u.until)
	FROM membership m JOIN unit u ON u.id = m.unit
	WHERE m.state = 'confirmed' AND u.kind <> 'office'
	UNION ALL
	SELECT m.person, u.parent, m.role, max(m.since, u.since), min(m.until, u.until)
	FROM membership m JOIN unit u ON u.id = m.unit
	WHERE m.state = 'confirmed' AND u.kind = 'office'
	UNION ALL
	SELECT g.person, s.unit, CAST(6 AS INTEGER), max(g.since, s.since), min(g.until, s.until)
	FROM guardian g JOIN child_stay s ON s.child = g.child
	WHERE g.state = 'confirmed' AND g.informed = 1;

-- Which units the roles of a person reach, and for which roles of an audience that
-- counts: a parent reaches the child's group and all above; the team also all below.
-- own is the role itself: whom an audience means. mask is what the person may see:
-- whoever leads a unit sees everything sent there (-1), and what its families are told from above.
CREATE VIEW reach (person, unit, own, mask, since, until) AS
	SELECT h.person, p.above, 1 << h.role, 1 << h.role | CASE WHEN h.role IN (2, 3, 4) THEN 64 ELSE 0 END, h.since, h.until
	FROM holding h JOIN unit_up p ON p.unit = h.unit
	UNION ALL
	SELECT h.person, p.unit, 1 << h.role, CASE WHEN h.role IN (2, 3, 4) THEN -1 ELSE 1 << h.role END, h.since, h.until
	FROM holding h JOIN unit_up p ON p.above = h.unit
	WHERE h.role IN (1, 2, 3, 4, 5, 10);

-- base/committee -----------------------------------------------------------

-- Geschäftsordnung: the rules by which a committee works. One without a row works by those that the program begins with.
CREATE TABLE committee (
	unit        INTEGER PRIMARY KEY REFERENCES unit (id) ON DELETE CASCADE,
	public      INTEGER NOT NULL CHECK (public IN (0, 1)),        -- anybody may read what is public in it, also without sign-in and as OParl
	notice      INTEGER NOT NULL CHECK (notice BETWEEN 0 AND 90), -- Ladungsfrist: days between invitation and meeting
	working     INTEGER NOT NULL CHECK (working IN (0, 1)),       -- of that, only days that are neither weekend nor holiday count
	quorum      INTEGER NOT NULL CHECK (quorum BETWEEN 0 AND 100), -- percent of the votes that must be present; 0: none
	majority    TEXT NOT NULL CHECK (majority IN ('simple', 'absolute', 'two_thirds')),
	minutes     INTEGER NOT NULL CHECK (minutes BETWEEN 0 AND 90), -- days after a meeting until its minutes are due
	objection   INTEGER NOT NULL CHECK (objection BETWEEN 0 AND 90), -- days in which members may object to minutes that were sent
	substitutes INTEGER NOT NULL CHECK (substitutes IN (0, 1)),   -- they are asked when somebody cannot come
	circular    INTEGER NOT NULL CHECK (circular IN (0, 1)),      -- Umlaufbeschlüsse are allowed
	provisional INTEGER NOT NULL CHECK (provisional BETWEEN 0 AND 12) -- months for which a board goes on kommissarisch
) STRICT;

-- Amtszeit (OParl: LegislativeTerm). Who holds an office, and from when to when, are memberships.
CREATE TABLE committee_term (
	id      INTEGER PRIMARY KEY AUTOINCREMENT, -- no second time: a form names the term that it corrects
	uid     TEXT NOT NULL UNIQUE,
	unit    INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	name    TEXT NOT NULL CHECK (name <> ''), -- "2026/27"
	elected TEXT NOT NULL,              -- day of the election
	starts  INTEGER NOT NULL,
	ends    INTEGER NOT NULL,           -- as planned; a board may go on kommissarisch after it
	changed INTEGER NOT NULL,
	UNIQUE (unit, starts),
	CHECK (starts < ends)
) STRICT;

-- In which order substitutes come in; those without a row come last, the longest seated first.
CREATE TABLE committee_substitute (
	membership INTEGER PRIMARY KEY REFERENCES membership (id) ON DELETE CASCADE,
	rank       INTEGER NOT NULL CHECK (rank > 0)
) STRICT;

-- Who sits in a committee. The delegates of a facility sit in its committee.
CREATE VIEW committee_seat (unit, person, office, since, until) AS
	SELECT m.unit, m.person, iif(m.office <> '', m.office, iif(m.role = 8, 'chair', 'delegate')), max(m.since, u.since), min(m.until, u.until)
	FROM membership m JOIN unit u ON u.id = m.unit
	WHERE u.kind = 'committee' AND m.state = 'confirmed' AND m.role IN (7, 8)
	UNION ALL
	SELECT u.id, m.person, 'delegate', max(m.since, u.since), min(m.until, u.until)
	FROM membership m JOIN unit u ON u.parent = m.unit AND u.kind = 'committee'
	WHERE m.role = 7 AND m.state = 'confirmed';

-- For whom a committee speaks, and who once sat in it: they read what is public to its members.
CREATE VIEW committee_around (unit, person, since, until) AS
	SELECT u.id, r.person, r.since, r.until
	FROM reach r JOIN unit u ON u.parent = r.unit AND u.kind = 'committee'
	WHERE r.own & 508 <> 0              -- all under a name but operators and auditors
	UNION ALL
	SELECT m.unit, m.person, min(m.until, u.until), CAST(9223372036854775807 AS INTEGER)
	FROM membership m JOIN unit u ON u.id = m.unit
	WHERE u.kind = 'committee' AND m.state = 'confirmed' AND m.role IN (7, 8) AND min(m.until, u.until) < 9223372036854775807
		AND max(m.since, u.since) < min(m.until, u.until) -- whose time was over before there was the committee never sat in it
	UNION ALL
	SELECT u.id, m.person, min(m.until, u.until), CAST(9223372036854775807 AS INTEGER)
	FROM membership m JOIN unit u ON u.parent = m.unit AND u.kind = 'committee'
	WHERE m.role = 7 AND m.state = 'confirmed' AND min(m.until, u.until) < 9223372036854775807 AND max(m.since, u.since) < min(m.until, u.until);

-- base/web -----------------------------------------------------------------

-- A signed-in browser.
-- # angemeldet bleiben und fremde Geräte abmelden können; security; session; self
CREATE TABLE session (
	id      BLOB PRIMARY KEY,          -- SHA-256 of the cookie's value
	person  INTEGER NOT NULL REFERENCES person (id),
	device  TEXT NOT NULL,             -- "Firefox auf Windows", shown in the list of devices
	created INTEGER NOT NULL,
	seen    INTEGER NOT NULL,          -- rounded to the hour
	expires INTEGER NOT NULL,
	fresh   INTEGER NOT NULL,          -- when the person last proved who it is
	shared  INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0, 1)) -- others use the device, too: nothing may be kept on it
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_person ON session (person);

-- base/push ----------------------------------------------------------------

-- A browser that is told while no page is open: at most one for each sign-in, and it ends with it.
CREATE TABLE push_subscription (
	id       INTEGER PRIMARY KEY,
	person   INTEGER NOT NULL REFERENCES person (id),
	session  BLOB NOT NULL UNIQUE REFERENCES session (id) ON DELETE CASCADE,
	endpoint TEXT NOT NULL UNIQUE,     -- URL at the push service of the browser; secret
	key      BLOB NOT NULL CHECK (length(key) = 65),    -- the browser's public key (P-256)
	secret   BLOB NOT NULL CHECK (length(secret) = 16), -- shared with the browser (RFC 8291)
	created  INTEGER NOT NULL,
	handed   INTEGER                   -- when the push service last took a message; NULL: never
) STRICT;
CREATE INDEX push_subscription_by_person ON push_subscription (person);

-- base/task ----------------------------------------------------------------

-- Outbox: a side effect that has been decided and still has to be carried out.
CREATE TABLE task (
	id      INTEGER PRIMARY KEY AUTOINCREMENT, -- no second time: who settles a task that was cancelled meanwhile must not remove another
	kind    TEXT NOT NULL,             -- who carries it out
	ref     INTEGER NOT NULL,          -- an id the kind knows
	arg     TEXT NOT NULL DEFAULT '',
	due     INTEGER NOT NULL,
	tries   INTEGER NOT NULL DEFAULT 0,
	failure TEXT NOT NULL DEFAULT ''   -- of the last try
) STRICT;
CREATE INDEX task_by_turn ON task (kind, due, id);
CREATE INDEX task_by_kind ON task (kind, ref);

-- base/search --------------------------------------------------------------

-- What is to be read again for the index, in order. The row that the index has seen last is kept: it tells whether index
-- and database belong together.
-- # keine Personen
CREATE TABLE search_change (
	seq  INTEGER PRIMARY KEY,           -- rises, since the highest row is never removed
	mark INTEGER NOT NULL DEFAULT (random()), -- the same number in a restored database has another one
	kind TEXT NOT NULL,               -- of the document; '*': all of them
	ref  INTEGER NOT NULL             -- its id in the table of its feature; it may be gone
) STRICT;

-- base/channel -------------------------------------------------------------

-- How a person wants to be told of what is not urgent. No row: push, else a mail in the evening; nothing at night.
CREATE TABLE channel_wish (
	person      INTEGER PRIMARY KEY REFERENCES person (id),
	push        INTEGER NOT NULL CHECK (push IN (0, 1)),
	mail        TEXT NOT NULL CHECK (mail IN ('now', 'digest', 'never')),
	quiet_from  INTEGER NOT NULL CHECK (quiet_from BETWEEN 0 AND 1439), -- minute of the day
	quiet_until INTEGER NOT NULL CHECK (quiet_until BETWEEN 0 AND 1439) -- the same: no quiet hours
) STRICT;

-- What is known of a channel to a person: the proof that it works, or that it does not.
CREATE TABLE channel_proof (
	person  INTEGER NOT NULL REFERENCES person (id),
	channel TEXT NOT NULL CHECK (channel IN ('push', 'mail', 'sms')),
	address TEXT NOT NULL,            -- lower case; '': the person's devices
	handed  INTEGER,                  -- last taken by a server; NULL: never
	proved  INTEGER,                  -- last shown, opened or reported as received; NULL: never
	failed  INTEGER,                  -- last refused or returned; NULL: never
	reason  TEXT NOT NULL DEFAULT '', -- of the last failure
	PRIMARY KEY (person, channel, address)
) STRICT, WITHOUT ROWID;

-- base/sms -----------------------------------------------------------------

-- An SMS that was given to a provider, or would have been: for the limit of the day, for reports, and so that nothing is
-- sent twice. Its text is not kept, and the row goes after 90 days.
CREATE TABLE sms_message (
	id       INTEGER PRIMARY KEY,
	ref      TEXT NOT NULL,             -- "announcement-person"; '': of a test
	number   TEXT NOT NULL,             -- E.164
	provider TEXT NOT NULL DEFAULT '',  -- the provider's id; '': it gave none
	parts    INTEGER NOT NULL,          -- SMS that are charged; 0: none, since it was refused
	price    INTEGER NOT NULL,          -- in tenths of a cent
	state    TEXT NOT NULL CHECK (state IN ('waiting', 'handed', 'delivered', 'failed')), -- waiting: nobody knows yet
	reason   TEXT NOT NULL DEFAULT '',  -- of failed; German
	at       INTEGER NOT NULL           -- when it was begun; decides to which day it counts
) STRICT;
CREATE INDEX sms_message_by_at ON sms_message (at);
CREATE INDEX sms_message_by_ref ON sms_message (ref) WHERE ref <> '';
CREATE INDEX sms_message_by_provider ON sms_message (provider) WHERE provider <> '';

-- A number that has sent STOPP: nothing goes there any more.
CREATE TABLE sms_stop (
	number TEXT PRIMARY KEY,            -- E.164
	at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- base/files ---------------------------------------------------------------

-- Datei: what somebody has put somewhere. Its content lies in the data folder under its hash, once for all rows.
CREATE TABLE file (
	id     INTEGER PRIMARY KEY,
	uid    TEXT NOT NULL UNIQUE,
	owner  TEXT NOT NULL,              -- the feature that it is attached to; '': to nothing yet, and goes after a day
	ref    INTEGER NOT NULL,           -- an id that the owner knows
	name   TEXT NOT NULL CHECK (name <> ''), -- as whoever put it there has named it
	type   TEXT NOT NULL,              -- media type, found out by the house
	size   INTEGER NOT NULL,           -- bytes
	hash   BLOB NOT NULL CHECK (length(hash) = 32), -- SHA-256 of the content
	width  INTEGER NOT NULL,           -- pixels of a picture; 0: it is none
	height INTEGER NOT NULL,
	person INTEGER REFERENCES person (id), -- who put it there; NULL: ehemals im Haus
	at     INTEGER NOT NULL,
	text   TEXT                        -- what stands in it, for the search; NULL: not read yet, '': nothing readable
) STRICT;
CREATE INDEX file_by_owner ON file (owner, ref);
CREATE INDEX file_by_hash ON file (hash);
CREATE INDEX file_by_person ON file (person, at);

-- base/audit ---------------------------------------------------------------

-- Protokollierung: who did what to which id, when, from where. Each row holds the hash of the one before it; app/base/audit
-- says what a hash covers. No row refers to a person: it keeps a number when the person is forgotten.
-- # nachweisen, wer was wann getan hat; security; record; auditor
-- # address, salt: Angriffe bis zu ihrer Quelle verfolgen; security; week; auditor
CREATE TABLE audit (
	id      INTEGER PRIMARY KEY,       -- without a gap
	at      INTEGER NOT NULL,
	person  INTEGER NOT NULL,          -- 0: nobody who is known, the console, the house itself
	action  TEXT NOT NULL,             -- a word of feature/operation/log.go, such as "child.moved"
	ref     INTEGER NOT NULL,          -- the id of the row that the action names; 0: none
	network TEXT NOT NULL,             -- /24 or /48; 'Konsole'; '': the house itself, or nobody's business
	address TEXT,                      -- in full; NULL: shortened, after 7 days
	salt    BLOB,                      -- of the seal, 16 bytes; gone with the address, which nobody can then try out
	seal    BLOB NOT NULL,             -- SHA-256 of salt and address
	prev    BLOB NOT NULL,
	hash    BLOB NOT NULL,
	CHECK ((address IS NULL) = (salt IS NULL))
) STRICT;
CREATE INDEX audit_by_person ON audit (person, id);
CREATE INDEX audit_by_at ON audit (at);
CREATE INDEX audit_unshortened ON audit (id) WHERE address IS NOT NULL;

-- Both ends of the chain, in one row, and what the last check said.
-- # keine Personen
CREATE TABLE audit_chain (
	one       INTEGER PRIMARY KEY CHECK (one = 1),
	base      INTEGER NOT NULL,        -- the last row that was removed after its 12 months; 0: none
	base_hash BLOB NOT NULL,
	head      INTEGER NOT NULL,        -- the last row; 0: none was ever written
	head_hash BLOB NOT NULL,
	shortened INTEGER NOT NULL,        -- addresses of rows older than 7 days then
	pruned    INTEGER NOT NULL,        -- rows older than 12 months then
	checked   INTEGER NOT NULL,        -- 0: never
	failure   TEXT NOT NULL            -- German; '': every row was as it was written
) STRICT;

CREATE TRIGGER audit_new BEFORE INSERT ON audit
WHEN NOT EXISTS (SELECT 1 FROM audit_chain WHERE NEW.id = head + 1 AND NEW.prev = head_hash)
BEGIN SELECT RAISE(ABORT, 'the record continues at its end'); END;
CREATE TRIGGER audit_final BEFORE UPDATE ON audit
WHEN (NEW.id, NEW.at, NEW.person, NEW.action, NEW.ref, NEW.network, NEW.seal, NEW.prev, NEW.hash)
	IS NOT (OLD.id, OLD.at, OLD.person, OLD.action, OLD.ref, OLD.network, OLD.seal, OLD.prev, OLD.hash)
	OR NEW.address IS NOT NULL OR NEW.salt IS NOT NULL OR OLD.at + 604800 > (SELECT shortened FROM audit_chain)
BEGIN SELECT RAISE(ABORT, 'the record does not change'); END;
CREATE TRIGGER audit_stay BEFORE DELETE ON audit WHEN OLD.id > (SELECT base FROM audit_chain)
BEGIN SELECT RAISE(ABORT, 'the record stays'); END;
CREATE TRIGGER audit_chain_once BEFORE INSERT ON audit_chain
WHEN NEW.head <> 0 OR EXISTS (SELECT 1 FROM audit_chain) OR EXISTS (SELECT 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'the record has begun'); END;
CREATE TRIGGER audit_chain_stay BEFORE DELETE ON audit_chain
BEGIN SELECT RAISE(ABORT, 'the record stays'); END;
CREATE TRIGGER audit_chain_head BEFORE UPDATE ON audit_chain
WHEN NEW.one <> OLD.one OR (NEW.head, NEW.head_hash) IS NOT (OLD.head, OLD.head_hash)
	AND (NEW.head, NEW.head_hash) IS NOT (SELECT id, hash FROM audit WHERE id = OLD.head + 1)
BEGIN SELECT RAISE(ABORT, 'the record has no such end'); END;
CREATE TRIGGER audit_chain_base BEFORE UPDATE ON audit_chain
WHEN (NEW.base, NEW.base_hash) IS NOT (OLD.base, OLD.base_hash)
	AND (NEW.base < OLD.base OR (NEW.base, NEW.base_hash) IS NOT (SELECT id, hash FROM audit WHERE id = NEW.base)
		OR EXISTS (SELECT 1 FROM audit WHERE id <= NEW.base AND at + 31536000 > NEW.pruned))
BEGIN SELECT RAISE(ABORT, 'the record is kept for 12 months'); END;

-- feature/absence ----------------------------------------------------------

-- How a facility takes absences. No row: by 8:30, and times are kept for ten years.
CREATE TABLE absence_rule (
	facility INTEGER PRIMARY KEY REFERENCES unit (id) ON DELETE CASCADE,
	active   INTEGER NOT NULL CHECK (active IN (0, 1)),  -- families may excuse a child here; the team always may
	latest   INTEGER NOT NULL CHECK (latest BETWEEN 0 AND 1439), -- minute of the first day until which an absence is in time
	years    INTEGER NOT NULL CHECK (years BETWEEN 1 AND 10) -- for which the times of coming and going are kept
) STRICT;

-- Abwesenheit: a child does not come on these days. What happened to it stands in absence_event.
CREATE TABLE absence (
	id        INTEGER PRIMARY KEY,
	uid       TEXT NOT NULL UNIQUE,     -- made with the form: what is sent twice is one absence
	child     INTEGER NOT NULL REFERENCES child (id),
	first_day TEXT NOT NULL,
	last_day  TEXT NOT NULL,
	reason    TEXT NOT NULL CHECK (reason IN ('', 'ill', 'holiday', 'appointment', 'other')), -- '': not told, or forgotten after a year
	note      TEXT NOT NULL,            -- to the team; forgotten 30 days after the last day
	late      INTEGER NOT NULL CHECK (late IN (0, 1)), -- told after the latest minute of the first day
	withdrawn INTEGER,                  -- NULL: it holds
	CHECK (first_day <= last_day)
) STRICT;
CREATE INDEX absence_by_child ON absence (child, last_day);
CREATE INDEX absence_by_note ON absence (last_day) WHERE note <> ''; -- what is to be forgotten
CREATE INDEX absence_by_reason ON absence (last_day) WHERE reason <> '';

-- Who entered, changed or withdrew an absence, and the days that held from then on.
CREATE TABLE absence_event (
	id        INTEGER PRIMARY KEY,
	absence   INTEGER NOT NULL REFERENCES absence (id) ON DELETE CASCADE,
	kind      TEXT NOT NULL CHECK (kind IN ('entered', 'changed', 'withdrawn')),
	person    INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	phoned    INTEGER NOT NULL CHECK (phoned IN (0, 1)), -- by the team, for a family that telephoned
	at        INTEGER NOT NULL,         -- when it was written; perhaps without a connection
	received  INTEGER NOT NULL,
	first_day TEXT NOT NULL,
	last_day  TEXT NOT NULL
) STRICT;
CREATE INDEX absence_event_by_absence ON absence_event (absence);
CREATE INDEX absence_event_by_person ON absence_event (person) WHERE person IS NOT NULL;

-- What was done on the list of a day, by the time of the deed. Nothing is changed: an undo and a correction are deeds
-- that stand for another one.
CREATE TABLE absence_deed (
	id       INTEGER PRIMARY KEY,
	uid      TEXT NOT NULL UNIQUE,      -- made with the tap: what is sent twice is one deed
	child    INTEGER NOT NULL REFERENCES child (id),
	day      TEXT NOT NULL,             -- of at
	kind     TEXT NOT NULL CHECK (kind IN ('came', 'left', 'void')),
	at       INTEGER NOT NULL,          -- when it was done
	received INTEGER NOT NULL,
	person   INTEGER REFERENCES person (id), -- whose tap it was; NULL: ehemals im Haus
	escort   TEXT NOT NULL,             -- who picked the child up, in the team's words; '': not told
	instead  TEXT NOT NULL              -- uid of the deed that this one stands for, which may arrive later; '': none
) STRICT;
CREATE INDEX absence_deed_by_child ON absence_deed (child, day);
CREATE INDEX absence_deed_by_instead ON absence_deed (instead) WHERE instead <> '';
CREATE INDEX absence_deed_by_escort ON absence_deed (day) WHERE escort <> '';
CREATE INDEX absence_deed_by_person ON absence_deed (person) WHERE person IS NOT NULL;

-- Numbers of a group on a past working day, without names: they stay when the names are forgotten.
CREATE TABLE absence_count (
	day         TEXT NOT NULL,
	unit        INTEGER NOT NULL REFERENCES unit (id),
	children    INTEGER NOT NULL,
	ill         INTEGER NOT NULL,       -- excused, by reason
	holiday     INTEGER NOT NULL,
	appointment INTEGER NOT NULL,
	other       INTEGER NOT NULL,       -- or not told
	late        INTEGER NOT NULL,       -- of the excused
	PRIMARY KEY (unit, day)
) STRICT, WITHOUT ROWID;

-- feature/account ----------------------------------------------------------

-- A mail address for sign-in. Links go only to one that the person has proved to read; one that a carrier's list
-- knows (guardian.mail, membership.mail) lets nobody in.
-- # sich mit einer Mailadresse anmelden; security; house; self
CREATE TABLE account_mail (
	mail     TEXT PRIMARY KEY,         -- lower case
	person   INTEGER NOT NULL REFERENCES person (id),
	verified INTEGER NOT NULL          -- when it was proved; 0: never, only a name for the password, and gives way to a proof
) STRICT, WITHOUT ROWID;
CREATE INDEX account_mail_by_person ON account_mail (person);

-- # sich mit einem Passwort anmelden; security; house; nobody
CREATE TABLE account_password (
	person INTEGER PRIMARY KEY REFERENCES person (id),
	hash   TEXT NOT NULL,              -- Argon2id in PHC form
	since  INTEGER NOT NULL,
	due    INTEGER NOT NULL DEFAULT 0  -- until when it lets a team member in alone; 0: nobody has asked for a second step yet
) STRICT;

-- Zweiter Schritt: an app on the phone makes codes (RFC 6238), asked for after the password.
-- # die Anmeldung mit einem zweiten Schritt sichern; security; house; nobody
CREATE TABLE account_totp (
	person INTEGER PRIMARY KEY REFERENCES person (id),
	secret TEXT NOT NULL,              -- base32; sealed with the key file
	step   INTEGER NOT NULL,           -- of the last accepted code, in half minutes since 1970: none counts twice
	since  INTEGER NOT NULL
) STRICT;

-- A printed code in place of the phone; used ones are gone.
-- # sich ohne Handy anmelden können; security; house; nobody
CREATE TABLE account_spare (
	person INTEGER NOT NULL REFERENCES account_totp (person) ON DELETE CASCADE,
	hash   BLOB NOT NULL,              -- SHA-256 of the 16 characters
	PRIMARY KEY (person, hash)
) STRICT, WITHOUT ROWID;

-- # sich mit einem Passkey anmelden; security; house; self
CREATE TABLE account_passkey (
	id         BLOB PRIMARY KEY,       -- the credential's own id
	person     INTEGER NOT NULL REFERENCES person (id),
	credential TEXT NOT NULL,          -- JSON of go-webauthn
	name       TEXT NOT NULL,
	created    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX account_passkey_by_person ON account_passkey (person);

-- A ceremony that has begun and not ended: WebAuthn, five minutes.
-- # die Anmeldung mit einem Passkey abschließen; security; minutes; nobody
CREATE TABLE account_ceremony (
	id      BLOB PRIMARY KEY,          -- SHA-256 of a cookie
	data    TEXT NOT NULL,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A one-time link: by mail (10 minutes, bound to a browser) or from the console (60 minutes).
-- # sich mit einem Link per Mail anmelden; security; minutes; nobody
CREATE TABLE account_link (
	hash    BLOB PRIMARY KEY,
	person  INTEGER NOT NULL REFERENCES person (id),
	mail    TEXT NOT NULL DEFAULT '',
	browser BLOB,                      -- SHA-256 of the cookie of the browser that asked; NULL: any
	expires INTEGER NOT NULL,
	wrong   INTEGER NOT NULL DEFAULT 0 -- codes typed in another browser that were not the one; the fifth ends the link
) STRICT, WITHOUT ROWID;
CREATE INDEX account_link_by_person ON account_link (person);

-- An invitation letter: for one guardian of one child, or one membership.
-- # Menschen mit einem Brief ins Haus einladen; task; house; registrars
CREATE TABLE account_invitation (
	id         INTEGER PRIMARY KEY,
	hash       BLOB NOT NULL UNIQUE,   -- SHA-256 of the 20 characters
	guardian   INTEGER REFERENCES guardian (id) ON DELETE CASCADE,
	membership INTEGER REFERENCES membership (id) ON DELETE CASCADE,
	author     INTEGER REFERENCES person (id),
	created    INTEGER NOT NULL,
	expires    INTEGER NOT NULL,
	used       INTEGER,                -- NULL: open
	CHECK ((guardian IS NULL) <> (membership IS NULL))
) STRICT;
CREATE INDEX account_invitation_by_guardian ON account_invitation (guardian);
CREATE INDEX account_invitation_by_membership ON account_invitation (membership);

-- feature/announcement -----------------------------------------------------

-- Mitteilung. Its words never change once published; what follows it is another one.
CREATE TABLE announcement (
	id         INTEGER PRIMARY KEY,
	uid        TEXT NOT NULL UNIQUE,
	unit       INTEGER NOT NULL REFERENCES unit (id),  -- which sends it
	author     INTEGER REFERENCES person (id),         -- NULL: ehemals im Haus
	kind       TEXT NOT NULL CHECK (kind IN ('news', 'closure', 'drill')),
	title      TEXT NOT NULL CHECK (title <> ''),
	body       TEXT NOT NULL,                          -- Markdown
	html       TEXT NOT NULL,                          -- of body
	renderer   INTEGER NOT NULL,                       -- version that made html
	roles      INTEGER NOT NULL,                       -- who is meant: set of roles
	confirm    INTEGER NOT NULL CHECK (confirm IN (0, 1)),
	confirm_by INTEGER,                                -- NULL: no deadline
	published  INTEGER NOT NULL,
	expires    INTEGER,                                -- NULL: valid for good
	frozen     INTEGER NOT NULL DEFAULT 0 CHECK (frozen IN (0, 1)), -- who was asked is complete
	token      BLOB NOT NULL,                          -- seed of the links in its mails; random, never shown
	urgent     INTEGER NOT NULL CHECK (urgent IN (0, 1)), -- breaks through quiet hours and digests
	reminded   INTEGER NOT NULL DEFAULT 0,             -- when somebody last had those outstanding reminded by hand
	ladder     TEXT NOT NULL,                          -- which channel after how many minutes, as the house had it set: 'push:0 sms:15'
	closure    INTEGER REFERENCES announcement (id),   -- the closure's first announcement; NULL: not of a closure
	replaced   INTEGER REFERENCES announcement (id)    -- the latest announcement of the same closure
) STRICT;
CREATE INDEX announcement_by_unit ON announcement (unit, published);
CREATE INDEX announcement_by_author ON announcement (author) WHERE author IS NOT NULL;
CREATE INDEX announcement_by_closure ON announcement (closure) WHERE closure IS NOT NULL;

-- To which units, with all below them.
CREATE TABLE announcement_audience (
	unit         INTEGER NOT NULL REFERENCES unit (id),
	published    INTEGER NOT NULL,
	announcement INTEGER NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
	roles        INTEGER NOT NULL,
	PRIMARY KEY (unit, published DESC, announcement DESC)
) STRICT, WITHOUT ROWID;
CREATE INDEX announcement_audience_by_announcement ON announcement_audience (announcement);
CREATE INDEX announcement_audience_by_time ON announcement_audience (published, announcement); -- for an office, which reaches every unit

-- Lesebestätigung: a person has confirmed one announcement; the first time counts.
CREATE TABLE announcement_receipt (
	announcement INTEGER NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
	person       INTEGER NOT NULL REFERENCES person (id),
	at           INTEGER NOT NULL,
	channel      TEXT NOT NULL CHECK (channel IN ('app', 'push', 'mail', 'sms')),
	PRIMARY KEY (announcement, person)
) STRICT, WITHOUT ROWID;

-- Who was asked, per child, frozen when confirmation is demanded.
CREATE TABLE announcement_asked (
	announcement INTEGER NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
	child        INTEGER NOT NULL REFERENCES child (id),
	unit         INTEGER NOT NULL REFERENCES unit (id), -- the child's group at that time
	asked        INTEGER NOT NULL,
	gone         INTEGER,                               -- when the child left the audience
	PRIMARY KEY (announcement, child)
) STRICT, WITHOUT ROWID;
CREATE INDEX announcement_asked_by_child ON announcement_asked (child);

-- A member of staff has telephoned.
CREATE TABLE announcement_call (
	id           INTEGER PRIMARY KEY,
	announcement INTEGER NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
	child        INTEGER NOT NULL REFERENCES child (id),
	caller       INTEGER REFERENCES person (id),        -- NULL: ehemals im Haus
	reached      INTEGER NOT NULL CHECK (reached IN (0, 1)),
	at           INTEGER NOT NULL
) STRICT;
CREATE INDEX announcement_call_by_child ON announcement_call (announcement, child);

-- Zustellung: one announcement to one person over one channel.
CREATE TABLE announcement_delivery (
	announcement INTEGER NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
	person       INTEGER NOT NULL REFERENCES person (id),
	channel      TEXT NOT NULL CHECK (channel IN ('app', 'push', 'mail', 'sms')),
	state        TEXT NOT NULL CHECK (state IN ('waiting', 'handed', 'delivered', 'failed', 'skipped')),
	reason       TEXT NOT NULL DEFAULT '', -- of failed and skipped
	address      TEXT NOT NULL DEFAULT '', -- where it went
	at           INTEGER NOT NULL,
	due          INTEGER NOT NULL DEFAULT 0, -- of waiting: not before; a mail's is the digest of that evening
	again        INTEGER NOT NULL DEFAULT 0 CHECK (again IN (0, 1)), -- a reminder is still to be sent
	PRIMARY KEY (announcement, person, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX announcement_delivery_by_due ON announcement_delivery (due) WHERE due > 0 AND state = 'waiting';

-- Text for the usual cases, kept by a unit.
CREATE TABLE announcement_template (
	id     INTEGER PRIMARY KEY,
	unit   INTEGER NOT NULL REFERENCES unit (id),
	name   TEXT NOT NULL CHECK (name <> ''),
	kind   TEXT NOT NULL CHECK (kind IN ('news', 'closure')),
	reason TEXT NOT NULL DEFAULT '',
	title  TEXT NOT NULL DEFAULT '',
	body   TEXT NOT NULL DEFAULT '',
	UNIQUE (unit, kind, name)
) STRICT;

-- Schließung: the facts behind an announcement of kind closure, as they are now.
CREATE TABLE announcement_closure (
	announcement INTEGER PRIMARY KEY REFERENCES announcement (id) ON DELETE CASCADE, -- the first one
	facility     INTEGER NOT NULL REFERENCES unit (id),
	whole        INTEGER NOT NULL CHECK (whole IN (0, 1)),   -- the facility; else the groups of the audience
	first_day    TEXT NOT NULL,
	last_day     TEXT NOT NULL,
	starts       INTEGER,              -- minutes of the day; NULL: from opening
	ends         INTEGER,              -- minutes of the day; NULL: until closing
	reason       TEXT NOT NULL,        -- code of a list
	words        TEXT NOT NULL,        -- in the head's own words; '': none
	places       INTEGER NOT NULL CHECK (places >= 0), -- of emergency care; 0: none
	places_for   TEXT NOT NULL,        -- for whom; '': all
	rule         TEXT NOT NULL CHECK (rule IN ('first', 'head')),
	state        TEXT NOT NULL CHECK (state IN ('running', 'reopened', 'cancelled')),
	version      INTEGER NOT NULL DEFAULT 1, -- counts changes: the second of two editors is told
	CHECK (first_day <= last_day)
) STRICT;
CREATE INDEX announcement_closure_by_facility ON announcement_closure (facility, first_day);
CREATE INDEX announcement_closure_running ON announcement_closure (last_day) WHERE state = 'running'; -- for calendars

-- What happened to a closure, in order. Keeps the days that held from then on.
CREATE TABLE announcement_event (
	id           INTEGER PRIMARY KEY,
	closure      INTEGER NOT NULL REFERENCES announcement_closure (announcement) ON DELETE CASCADE,
	announcement INTEGER NOT NULL REFERENCES announcement (id), -- which told it
	kind         TEXT NOT NULL CHECK (kind IN ('opened', 'extended', 'reopened', 'cancelled')),
	person       INTEGER REFERENCES person (id),
	at           INTEGER NOT NULL,
	first_day    TEXT NOT NULL,
	last_day     TEXT NOT NULL,
	starts       INTEGER,
	ends         INTEGER
) STRICT;
CREATE INDEX announcement_event_by_closure ON announcement_event (closure);

-- Notbetreuung: what a guardian asked for a child during a closure.
CREATE TABLE announcement_care (
	closure INTEGER NOT NULL REFERENCES announcement_closure (announcement) ON DELETE CASCADE,
	child   INTEGER NOT NULL REFERENCES child (id),
	person  INTEGER REFERENCES person (id), -- who asked; NULL: ehemals im Haus
	state   TEXT NOT NULL CHECK (state IN ('asked', 'given', 'waiting', 'refused', 'home')),
	turn    INTEGER NOT NULL,               -- order of asking
	at      INTEGER NOT NULL,
	PRIMARY KEY (closure, child)
) STRICT, WITHOUT ROWID;
CREATE INDEX announcement_care_by_child ON announcement_care (child);

-- feature/assignment -------------------------------------------------------

-- Aufgabe: what somebody in a committee has to do. It stands on the agenda until it is done or dropped.
CREATE TABLE assignment (
	id       INTEGER PRIMARY KEY,
	uid      TEXT NOT NULL UNIQUE,     -- of the form: the same form sent twice is one task
	unit     INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	meeting  INTEGER,                  -- in which it was given; NULL: by hand
	item     INTEGER,                  -- of that meeting's agenda; NULL: none
	place    TEXT NOT NULL,            -- both in words: "Sitzung am 3. März 2026, TOP 4"; '': by hand
	owner    INTEGER REFERENCES person (id), -- who has taken it on, for as long as they sit in the committee; NULL: nobody
	author   INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	title    TEXT NOT NULL CHECK (title <> ''),
	body     TEXT NOT NULL,            -- Markdown
	due      TEXT,                     -- last day on which it is in time; NULL: some time
	state    TEXT NOT NULL CHECK (state IN ('open', 'done', 'dropped')),
	reason   TEXT NOT NULL,            -- why it was dropped
	ended    INTEGER,                  -- when it was done or dropped
	ender    INTEGER REFERENCES person (id), -- by whom; NULL: open, or ehemals im Haus
	reminded TEXT,                     -- last day on which somebody was reminded of the day that is due now; NULL: nobody was
	created  INTEGER NOT NULL,
	changed  INTEGER NOT NULL,
	CHECK ((state = 'open') = (ended IS NULL))
) STRICT;
CREATE INDEX assignment_by_unit ON assignment (unit, state, due);
CREATE INDEX assignment_by_owner ON assignment (owner, state, due) WHERE owner IS NOT NULL;
CREATE INDEX assignment_by_author ON assignment (author) WHERE author IS NOT NULL;
CREATE INDEX assignment_by_ender ON assignment (ender) WHERE ender IS NOT NULL;
CREATE INDEX assignment_due ON assignment (due) WHERE state = 'open' AND due IS NOT NULL;

-- What somebody noted about a task.
CREATE TABLE assignment_note (
	id         INTEGER PRIMARY KEY,
	assignment INTEGER NOT NULL REFERENCES assignment (id) ON DELETE CASCADE,
	person     INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	body       TEXT NOT NULL CHECK (body <> ''),
	at         INTEGER NOT NULL
) STRICT;
CREATE INDEX assignment_note_by_task ON assignment_note (assignment, at);
CREATE INDEX assignment_note_by_person ON assignment_note (person) WHERE person IS NOT NULL;

-- feature/backup -----------------------------------------------------------

-- Sicherungsschlüssel: the half that encrypts. The other one is on paper with whoever looks after it.
CREATE TABLE backup_key (
	id      INTEGER PRIMARY KEY,
	public  TEXT NOT NULL UNIQUE,       -- age1…
	holder  TEXT NOT NULL CHECK (holder <> ''), -- who has the paper, in the operator's words
	created INTEGER NOT NULL
) STRICT;

-- A run of the backup, whether or not it came to an end.
CREATE TABLE backup_run (
	id       INTEGER PRIMARY KEY,
	began    INTEGER NOT NULL,
	ended    INTEGER,                   -- NULL: it runs, or was killed
	target   TEXT NOT NULL,             -- address, without secrets
	failure  TEXT NOT NULL,             -- German; '': none
	database INTEGER NOT NULL,          -- bytes, as copied
	files    INTEGER NOT NULL,          -- in the snapshot
	sent     INTEGER NOT NULL,          -- bytes
	open     INTEGER NOT NULL CHECK (open IN (0, 1)) -- nothing is encrypted
) STRICT;
CREATE INDEX backup_run_by_ended ON backup_run (failure, ended);

-- feature/ballot -----------------------------------------------------------

-- Abstimmung: a committee answers a question with yes, no or abstention. Once it has ended nothing of it changes.
CREATE TABLE ballot (
	id        INTEGER PRIMARY KEY,
	unit      INTEGER NOT NULL REFERENCES unit (id),
	kind      TEXT NOT NULL CHECK (kind <> ''), -- what is voted on, in the word of its owner: "motion"
	ref       INTEGER NOT NULL,          -- and which
	path      TEXT NOT NULL,             -- of the page on which that stands
	title     TEXT NOT NULL CHECK (title <> ''),
	wording   TEXT NOT NULL,             -- Markdown; '': the title says it all
	secret    INTEGER NOT NULL CHECK (secret IN (0, 1)), -- with blind signatures; nobody knows who chose what
	paper     INTEGER NOT NULL CHECK (paper IN (0, 1)),  -- with slips of paper that two people count
	state     TEXT NOT NULL CHECK (state IN ('open', 'counting', 'closed', 'withdrawn')), -- counting: the urn is shut, slips of paper are still counted
	majority  TEXT NOT NULL CHECK (majority IN ('simple', 'absolute', 'two_thirds')), -- this and the next two as they were at the opening
	quorum    INTEGER NOT NULL,          -- percent of votes that must be present; 0: none
	votes     INTEGER NOT NULL,          -- all of the committee
	present   INTEGER NOT NULL,          -- that could be given
	handed    INTEGER NOT NULL CHECK (handed >= 0), -- slips of paper given out
	round     INTEGER NOT NULL DEFAULT 1, -- of counting them
	opener    INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	opened    INTEGER NOT NULL,
	closes    INTEGER,                   -- when it ends by itself; NULL: by hand
	ended     INTEGER,                   -- NULL: it goes on
	reason    TEXT NOT NULL DEFAULT '',  -- why it was withdrawn
	ayes      INTEGER NOT NULL DEFAULT 0, -- this and the next five are the result, of a closed one
	noes      INTEGER NOT NULL DEFAULT 0,
	abstained INTEGER NOT NULL DEFAULT 0,
	invalid   INTEGER NOT NULL DEFAULT 0, -- slips of paper
	quorate   INTEGER NOT NULL DEFAULT 0 CHECK (quorate IN (0, 1)),
	carried   INTEGER NOT NULL DEFAULT 0 CHECK (carried IN (0, 1)),
	modulus   BLOB,                      -- the public key of a secret one (2048 bits, exponent 65537), kept so that everybody can compare it; NULL: not secret
	CHECK ((state IN ('closed', 'withdrawn')) = (ended IS NOT NULL)),
	CHECK (secret = (modulus IS NOT NULL)),
	CHECK (secret = 0 OR paper = 0)
) STRICT;
CREATE INDEX ballot_by_ref ON ballot (kind, ref);
CREATE INDEX ballot_by_unit ON ballot (unit, opened);
CREATE INDEX ballot_running ON ballot (state) WHERE state IN ('open', 'counting');
CREATE INDEX ballot_by_opener ON ballot (opener) WHERE opener IS NOT NULL;

-- Who may vote, as it was at the opening. There are no times in here: they would tell who was at the urn when.
CREATE TABLE ballot_voter (
	id      INTEGER PRIMARY KEY,
	ballot  INTEGER NOT NULL REFERENCES ballot (id),
	person  INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	took    TEXT NOT NULL DEFAULT '' CHECK (took IN ('', 'screen', 'paper')), -- how somebody got the ballot of a secret vote; '': not yet, and always in another
	choice  TEXT NOT NULL DEFAULT '' CHECK (choice IN ('', 'yes', 'no', 'abstain')), -- of an open vote; '': none, and always in a secret one
	blinded BLOB CHECK (length(blinded) = 32), -- SHA-256 of the blinded ballot that was signed, as long as the vote goes on: the same once more is signed again
	UNIQUE (ballot, person)
) STRICT;
CREATE INDEX ballot_voter_by_person ON ballot_voter (person) WHERE person IS NOT NULL;
CREATE INDEX ballot_voter_voted ON ballot_voter (ballot, choice) WHERE choice <> '';
CREATE INDEX ballot_voter_took ON ballot_voter (ballot, took) WHERE took <> '';

-- Urne: the votes of a secret ballot. There is no time in it, and it lies in the order of the hashes, which is by chance.
CREATE TABLE ballot_urn (
	ballot INTEGER NOT NULL REFERENCES ballot (id),
	token  BLOB NOT NULL CHECK (length(token) = 32), -- SHA-256 of what was signed; its first letters are the voter's code
	choice TEXT NOT NULL CHECK (choice IN ('yes', 'no', 'abstain')),
	PRIMARY KEY (ballot, token)
) STRICT, WITHOUT ROWID;

-- The private key of a secret vote: of this one alone, and gone when it ends.
CREATE TABLE ballot_key (
	id      INTEGER PRIMARY KEY,
	ballot  INTEGER UNIQUE REFERENCES ballot (id), -- NULL: lies ready for the next one
	modulus BLOB NOT NULL CHECK (length(modulus) = 256),
	sealed  TEXT NOT NULL              -- PKCS #1, sealed
) STRICT;

-- What somebody has counted of the slips of paper. Nobody sees it before a second one has counted, too.
CREATE TABLE ballot_count (
	id        INTEGER PRIMARY KEY,
	ballot    INTEGER NOT NULL REFERENCES ballot (id),
	round     INTEGER NOT NULL,        -- 1 and up: counted anew where two differed
	person    INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	ayes      INTEGER NOT NULL CHECK (ayes >= 0),
	noes      INTEGER NOT NULL CHECK (noes >= 0),
	abstained INTEGER NOT NULL CHECK (abstained >= 0),
	invalid   INTEGER NOT NULL CHECK (invalid >= 0),
	UNIQUE (ballot, round, person)
) STRICT;
CREATE INDEX ballot_count_by_person ON ballot_count (person) WHERE person IS NOT NULL;

-- feature/bulletin ---------------------------------------------------------

-- Zustimmung: a parent wants to hear from a council. Whoever agrees again after a withdrawal has another row.
CREATE TABLE bulletin_agreement (
	id        INTEGER PRIMARY KEY,
	unit      INTEGER NOT NULL REFERENCES unit (id),
	person    INTEGER NOT NULL REFERENCES person (id),
	words     INTEGER NOT NULL,        -- version of the text that was agreed to
	at        INTEGER NOT NULL,
	withdrawn INTEGER                  -- NULL: it holds
) STRICT;
CREATE UNIQUE INDEX bulletin_agreement_by_unit ON bulletin_agreement (unit, person) WHERE withdrawn IS NULL;
CREATE INDEX bulletin_agreement_by_person ON bulletin_agreement (person, unit);
CREATE INDEX bulletin_agreement_by_end ON bulletin_agreement (withdrawn) WHERE withdrawn IS NOT NULL;

-- Who does not want to be asked on the start page.
CREATE TABLE bulletin_declined (
	person INTEGER NOT NULL REFERENCES person (id),
	unit   INTEGER NOT NULL REFERENCES unit (id),
	at     INTEGER NOT NULL,
	PRIMARY KEY (person, unit)
) STRICT, WITHOUT ROWID;

-- Rundbrief: what a council writes to the parents who have agreed. Once sent its words never change.
CREATE TABLE bulletin (
	id       INTEGER PRIMARY KEY,
	uid      TEXT NOT NULL UNIQUE,     -- made with the form: the same form sent twice is one draft
	unit     INTEGER NOT NULL REFERENCES unit (id), -- the committee
	place    INTEGER NOT NULL REFERENCES unit (id), -- to the parents of this unit: the committee's own, or a facility below it
	author   INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	title    TEXT NOT NULL CHECK (title <> ''),
	body     TEXT NOT NULL,            -- Markdown
	html     TEXT NOT NULL,
	renderer INTEGER NOT NULL,         -- text.Version of html
	seed     BLOB NOT NULL CHECK (length(seed) = 32), -- of the links in its mails
	changed  INTEGER NOT NULL,
	sent     INTEGER,                  -- NULL: a draft
	went     INTEGER,                  -- to how many it was sent, as the council may know; NULL: fewer than may be told
	least    INTEGER NOT NULL DEFAULT 0 CHECK (least IN (0, 1)), -- went is not all
	stopped  INTEGER,                  -- since when it may not be read any more; NULL: it may
	handed   INTEGER,                  -- how many devices and mail servers took it, once the recipients are forgotten; NULL: they are not
	opened   INTEGER                   -- likewise, how many have read it
) STRICT;
CREATE INDEX bulletin_by_unit ON bulletin (unit, sent);
CREATE INDEX bulletin_by_author ON bulletin (author) WHERE author IS NOT NULL;
CREATE INDEX bulletin_waiting ON bulletin (sent) WHERE sent IS NOT NULL AND handed IS NULL;

-- To whom a bulletin was sent. The council reads numbers and nothing else of it.
CREATE TABLE bulletin_recipient (
	bulletin INTEGER NOT NULL REFERENCES bulletin (id) ON DELETE CASCADE,
	person   INTEGER NOT NULL REFERENCES person (id),
	tried    INTEGER,                  -- when it was about to be handed over; NULL: not yet, or it could not be
	handed   INTEGER,                  -- when a device or a mail server took it; NULL: none did
	opened   INTEGER,                  -- when the person first read it; NULL: never
	PRIMARY KEY (bulletin, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX bulletin_recipient_by_person ON bulletin_recipient (person, bulletin);

-- Meldung: somebody says that a bulletin breaks a law or a rule (DSA Art. 16).
CREATE TABLE bulletin_report (
	id       INTEGER PRIMARY KEY,
	bulletin INTEGER NOT NULL REFERENCES bulletin (id) ON DELETE CASCADE,
	reporter INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	ground   TEXT NOT NULL CHECK (ground IN ('law', 'rules', 'danger')),
	words    TEXT NOT NULL,
	at       INTEGER NOT NULL,
	decided  INTEGER,                  -- NULL: nobody has looked at it yet
	outcome  TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('', 'acted', 'left'))
) STRICT;
CREATE INDEX bulletin_report_by_bulletin ON bulletin_report (bulletin);
CREATE INDEX bulletin_report_by_reporter ON bulletin_report (reporter) WHERE reporter IS NOT NULL;

-- Maßnahme: what was done about a bulletin or a council, and why (DSA Art. 17). The last of suspend and resume holds.
CREATE TABLE bulletin_measure (
	id        INTEGER PRIMARY KEY,
	unit      INTEGER NOT NULL REFERENCES unit (id),
	bulletin  INTEGER REFERENCES bulletin (id) ON DELETE SET NULL, -- NULL: it is deleted
	kind      TEXT NOT NULL CHECK (kind IN ('stop', 'suspend', 'resume', 'leave')),
	ground    TEXT NOT NULL CHECK (ground IN ('', 'law', 'rules', 'danger')), -- '': it restricts nobody
	reason    TEXT NOT NULL,
	moderator INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	at        INTEGER NOT NULL
) STRICT;
CREATE INDEX bulletin_measure_by_unit ON bulletin_measure (unit, id);
CREATE INDEX bulletin_measure_by_bulletin ON bulletin_measure (bulletin) WHERE bulletin IS NOT NULL;
CREATE INDEX bulletin_measure_by_moderator ON bulletin_measure (moderator) WHERE moderator IS NOT NULL;

-- feature/calendar ---------------------------------------------------------

-- Termin: something that is on, once or again and again.
CREATE TABLE calendar_date (
	id       INTEGER PRIMARY KEY,
	uid      TEXT NOT NULL UNIQUE,
	unit     INTEGER NOT NULL REFERENCES unit (id),    -- whose it is
	author   INTEGER REFERENCES person (id),           -- NULL: ehemals im Haus
	title    TEXT NOT NULL CHECK (title <> ''),
	place    TEXT NOT NULL,
	link     TEXT NOT NULL,                            -- to take part online; '': none
	body     TEXT NOT NULL,                            -- Markdown
	all_day  INTEGER NOT NULL CHECK (all_day IN (0, 1)),
	rule     TEXT NOT NULL,                            -- RRULE of RFC 5545 with an end; '': once
	roles    INTEGER NOT NULL,                         -- who is meant: set of roles
	public   INTEGER NOT NULL CHECK (public IN (0, 1)), -- seen without sign-in
	answers  INTEGER NOT NULL CHECK (answers IN (0, 1)), -- readers are asked whether they come
	places   INTEGER CHECK (places > 0),               -- people at the most; NULL: as many as want
	guests   INTEGER NOT NULL CHECK (guests > 0),      -- people of one answer at the most
	closes   INTEGER NOT NULL,                         -- minutes before the start after which nobody can answer
	remind   INTEGER NOT NULL,                         -- minutes before the start when those who come are reminded; 0: never
	sequence INTEGER NOT NULL DEFAULT 0,               -- counts changes that matter to a calendar
	source   TEXT NOT NULL DEFAULT '',                 -- UID in the file that it was read from
	created  INTEGER NOT NULL,
	changed  INTEGER NOT NULL
) STRICT;
CREATE INDEX calendar_date_by_unit ON calendar_date (unit, source);
CREATE INDEX calendar_date_by_author ON calendar_date (author) WHERE author IS NOT NULL;
CREATE INDEX calendar_date_by_public ON calendar_date (id) WHERE public = 1;

-- For which units, with all below them.
CREATE TABLE calendar_audience (
	unit  INTEGER NOT NULL REFERENCES unit (id),
	until INTEGER NOT NULL,            -- end of the last instance
	date  INTEGER NOT NULL REFERENCES calendar_date (id) ON DELETE CASCADE,
	since INTEGER NOT NULL,            -- start of the first one
	roles INTEGER NOT NULL,
	PRIMARY KEY (unit, until, date)
) STRICT, WITHOUT ROWID;
CREATE INDEX calendar_audience_by_date ON calendar_audience (date);

-- When it is on: a row for each time, so that each can be moved, cancelled and answered for itself.
CREATE TABLE calendar_instance (
	id        INTEGER PRIMARY KEY,
	date      INTEGER NOT NULL REFERENCES calendar_date (id) ON DELETE CASCADE,
	slot      INTEGER NOT NULL,        -- wall time that the rule gives, in seconds as if it were UTC
	starts    INTEGER NOT NULL,
	ends      INTEGER NOT NULL,        -- the first second after it
	place     TEXT NOT NULL DEFAULT '', -- of this one alone; '': that of the date
	moved     INTEGER NOT NULL DEFAULT 0 CHECK (moved IN (0, 1)), -- is not as the rule says
	cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled IN (0, 1)),
	reason    TEXT NOT NULL DEFAULT '', -- of a cancellation; '': not told
	UNIQUE (date, slot),
	CHECK (starts <= ends)
) STRICT;
CREATE INDEX calendar_instance_by_time ON calendar_instance (date, starts);

-- Antwort: whether somebody comes.
CREATE TABLE calendar_answer (
	instance INTEGER NOT NULL REFERENCES calendar_instance (id) ON DELETE CASCADE,
	person   INTEGER NOT NULL REFERENCES person (id),
	state    TEXT NOT NULL CHECK (state IN ('yes', 'no', 'waiting')),
	people   INTEGER NOT NULL CHECK (people > 0), -- together
	turn     INTEGER NOT NULL,         -- place in the row of those who came later
	at       INTEGER NOT NULL,
	PRIMARY KEY (instance, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX calendar_answer_by_person ON calendar_answer (person);

-- Kalender-Abo: the secret address at which somebody's own devices read their dates.
CREATE TABLE calendar_feed (
	person  INTEGER PRIMARY KEY REFERENCES person (id),
	hash    BLOB NOT NULL UNIQUE,      -- SHA-256 of the address's last part
	secret  TEXT NOT NULL,             -- that part, sealed with the key file, to be shown again
	created INTEGER NOT NULL
) STRICT;

-- Schließtage: the days of a year on which a facility is closed.
CREATE TABLE calendar_plan (
	id        INTEGER PRIMARY KEY,
	unit      INTEGER NOT NULL REFERENCES unit (id),
	year      INTEGER NOT NULL,
	allowed   INTEGER NOT NULL CHECK (allowed >= 0), -- days in this year; 0: nobody has limited them
	notice    INTEGER NOT NULL CHECK (notice >= 0),  -- weeks before which a day has to be known
	published INTEGER,                 -- NULL: only the team sees it
	UNIQUE (unit, year)
) STRICT;

CREATE TABLE calendar_closing (
	id        INTEGER PRIMARY KEY,
	plan      INTEGER NOT NULL REFERENCES calendar_plan (id) ON DELETE CASCADE,
	first_day TEXT NOT NULL,
	last_day  TEXT NOT NULL,
	words     TEXT NOT NULL,           -- "Sommerferien"; '': not told
	changed   INTEGER NOT NULL,
	CHECK (first_day <= last_day)
) STRICT;
CREATE INDEX calendar_closing_by_plan ON calendar_closing (plan, first_day);

-- Schulferien of the Land, from a file that the operator has read in.
-- # keine Personen
CREATE TABLE calendar_vacation (
	land      TEXT NOT NULL,           -- letters of ISO 3166-2:DE
	first_day TEXT NOT NULL,
	last_day  TEXT NOT NULL,
	name      TEXT NOT NULL,
	PRIMARY KEY (land, first_day, name)
) STRICT, WITHOUT ROWID;

-- feature/committee --------------------------------------------------------

-- What is known of the next election of a committee.
CREATE TABLE committee_plan (
	unit     INTEGER PRIMARY KEY REFERENCES unit (id) ON DELETE CASCADE,
	election TEXT NOT NULL              -- day
) STRICT;

-- Who wants to be elected, and has said that those who record the election may read the name.
CREATE TABLE committee_candidate (
	unit   INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	person INTEGER NOT NULL REFERENCES person (id),
	at     INTEGER NOT NULL,
	PRIMARY KEY (unit, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX committee_candidate_by_person ON committee_candidate (person);

-- Who may be asked by those who come after: consent, which ends with the row.
CREATE TABLE committee_contact (
	unit    INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	person  INTEGER NOT NULL REFERENCES person (id),
	contact TEXT NOT NULL CHECK (contact <> ''), -- mail or telephone, in the person's words
	version INTEGER NOT NULL,           -- of the text that was agreed to
	at      INTEGER NOT NULL,
	PRIMARY KEY (unit, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX committee_contact_by_person ON committee_contact (person);

-- What recording an election has changed, so that it can be taken back as long as its term has not begun.
CREATE TABLE committee_change (
	term       INTEGER NOT NULL REFERENCES committee_term (id) ON DELETE CASCADE,
	membership INTEGER NOT NULL REFERENCES membership (id) ON DELETE CASCADE,
	until      INTEGER,                 -- the end that the membership had; NULL: the election has made it
	rank       INTEGER NOT NULL,        -- the place among the substitutes that it had; 0: none
	PRIMARY KEY (term, membership)
) STRICT, WITHOUT ROWID;
CREATE INDEX committee_change_by_membership ON committee_change (membership);

-- The planned end that a term had before the election of the next one moved it.
CREATE TABLE committee_moved (
	term   INTEGER PRIMARY KEY REFERENCES committee_term (id) ON DELETE CASCADE, -- of the new board
	before INTEGER NOT NULL REFERENCES committee_term (id) ON DELETE CASCADE,    -- of the old one
	ends   INTEGER NOT NULL
) STRICT;
CREATE INDEX committee_moved_by_before ON committee_moved (before);

-- feature/floor ------------------------------------------------------------

-- Plenum: a meeting as it runs. The first row is made when it begins.
CREATE TABLE floor (
	meeting  INTEGER PRIMARY KEY,       -- as the plan of meetings counts them
	uid      TEXT NOT NULL UNIQUE,
	unit     INTEGER NOT NULL REFERENCES unit (id),
	version  INTEGER NOT NULL,          -- steps of those who lead: two who press the same button move one step
	chair    INTEGER REFERENCES person (id), -- who opened it; NULL: ehemals im Haus
	began    INTEGER NOT NULL,
	ended    INTEGER,                   -- NULL: it runs
	votes    INTEGER NOT NULL,          -- of the committee, when it began
	item     INTEGER,                   -- whose turn it is, as the agenda counts; NULL: none
	timer    INTEGER,                   -- when the time that was set is over; NULL: none is set
	shut     INTEGER NOT NULL DEFAULT 0 CHECK (shut IN (0, 1)), -- the list of speakers is closed
	fresh    INTEGER NOT NULL DEFAULT 0 CHECK (fresh IN (0, 1)), -- whoever has not spoken yet comes first
	arrivals INTEGER NOT NULL DEFAULT 1 CHECK (arrivals IN (0, 1)) -- members may check themselves in
) STRICT;
CREATE INDEX floor_running ON floor (unit) WHERE ended IS NULL;
CREATE INDEX floor_by_chair ON floor (chair) WHERE chair IS NOT NULL;

-- What became of the items of the agenda. One without a row is still to come.
CREATE TABLE floor_item (
	meeting INTEGER NOT NULL REFERENCES floor (meeting),
	item    INTEGER NOT NULL,
	state   TEXT NOT NULL CHECK (state IN ('current', 'done', 'postponed')),
	began   INTEGER NOT NULL,
	spent   INTEGER NOT NULL,           -- seconds, without the turn that it has now
	PRIMARY KEY (meeting, item)
) STRICT, WITHOUT ROWID;

-- Anwesenheit: somebody was there from a time to a time, perhaps more than once.
CREATE TABLE floor_presence (
	id      INTEGER PRIMARY KEY,
	meeting INTEGER NOT NULL REFERENCES floor (meeting),
	person  INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	votes   INTEGER NOT NULL CHECK (votes IN (0, 1)), -- has a vote: of their own, or of somebody who does not come
	since   INTEGER NOT NULL,
	until   INTEGER                     -- NULL: still there, or until the end
) STRICT;
CREATE UNIQUE INDEX floor_presence_once ON floor_presence (meeting, person) WHERE until IS NULL AND person IS NOT NULL;
CREATE INDEX floor_presence_by_meeting ON floor_presence (meeting, since);
CREATE INDEX floor_presence_by_person ON floor_presence (person) WHERE person IS NOT NULL;

-- Redeliste of the item whose turn it is; kept until the meeting ends, so that who has not spoken yet can come first.
CREATE TABLE floor_speaker (
	id      INTEGER PRIMARY KEY,
	meeting INTEGER NOT NULL REFERENCES floor (meeting),
	item    INTEGER NOT NULL,           -- 0: none was called
	person  INTEGER NOT NULL REFERENCES person (id),
	asked   INTEGER NOT NULL,
	called  INTEGER,                    -- NULL: waits
	done    INTEGER                     -- NULL: waits or speaks
) STRICT;
CREATE UNIQUE INDEX floor_speaker_once ON floor_speaker (meeting, item, person) WHERE done IS NULL;
CREATE INDEX floor_speaker_by_person ON floor_speaker (person);

-- Antrag: what is decided about, as it is worded.
CREATE TABLE floor_motion (
	id      INTEGER PRIMARY KEY,
	uid     TEXT NOT NULL UNIQUE,
	meeting INTEGER NOT NULL REFERENCES floor (meeting),
	unit    INTEGER NOT NULL REFERENCES unit (id),
	item    INTEGER NOT NULL,
	amends  INTEGER REFERENCES floor_motion (id), -- the motion that it would change; NULL: none
	title   TEXT NOT NULL CHECK (title <> ''),
	wording TEXT NOT NULL CHECK (wording <> ''), -- Markdown
	mover   INTEGER REFERENCES person (id), -- who moved it; NULL: ehemals im Haus
	public  INTEGER NOT NULL CHECK (public IN (0, 1)), -- as its item
	state   TEXT NOT NULL CHECK (state IN ('worded', 'voting', 'carried', 'rejected', 'withdrawn')),
	edition INTEGER NOT NULL,           -- of its wording: whoever changes it names the one that was on the screen
	created INTEGER NOT NULL,
	changed INTEGER NOT NULL
) STRICT;
CREATE INDEX floor_motion_by_meeting ON floor_motion (meeting, item);
CREATE INDEX floor_motion_by_mover ON floor_motion (mover) WHERE mover IS NOT NULL;
CREATE INDEX floor_motion_by_amends ON floor_motion (amends) WHERE amends IS NOT NULL;

-- feature/handover ---------------------------------------------------------

-- Übergabe: what the board of a committee leaves to the next, for the day of change.
CREATE TABLE handover (
	id      INTEGER PRIMARY KEY,
	unit    INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	changes INTEGER NOT NULL,          -- midnight at which the next board begins
	begun   INTEGER NOT NULL,
	starter INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	UNIQUE (unit, changes)
) STRICT;
CREATE INDEX handover_by_starter ON handover (starter) WHERE starter IS NOT NULL;

-- One thing that is left, as it was when the handover began, or was added to it. What a board has signed it changes no more.
CREATE TABLE handover_item (
	id       INTEGER PRIMARY KEY,
	handover INTEGER NOT NULL REFERENCES handover (id) ON DELETE CASCADE,
	kind     TEXT NOT NULL,            -- as in house.Legacy, and so the next five
	ref      TEXT NOT NULL,
	title    TEXT NOT NULL,
	note     TEXT NOT NULL,
	path     TEXT NOT NULL,
	due      INTEGER,                  -- NULL: no day
	words    TEXT NOT NULL DEFAULT '', -- what the leaving board adds
	late     INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)), -- added after the beginning
	given    INTEGER,                  -- when the leaving board ticked it off; NULL: it has not
	giver    INTEGER REFERENCES person (id), -- NULL: nobody, or ehemals im Haus
	taken    INTEGER,                  -- when the coming board accepted it; NULL: it has not
	taker    INTEGER REFERENCES person (id), -- likewise
	UNIQUE (handover, kind, ref)
) STRICT;
CREATE INDEX handover_item_by_giver ON handover_item (giver) WHERE giver IS NOT NULL;
CREATE INDEX handover_item_by_taker ON handover_item (taker) WHERE taker IS NOT NULL;

-- Rückfrage: what the coming board wants to know, and what it is told.
CREATE TABLE handover_question (
	id     INTEGER PRIMARY KEY,
	item   INTEGER NOT NULL REFERENCES handover_item (id) ON DELETE CASCADE,
	side   TEXT NOT NULL CHECK (side IN ('leaving', 'coming')), -- who says it
	person INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	words  TEXT NOT NULL CHECK (words <> ''),
	at     INTEGER NOT NULL
) STRICT;
CREATE INDEX handover_question_by_item ON handover_question (item, id);
CREATE INDEX handover_question_by_person ON handover_question (person) WHERE person IS NOT NULL;

-- Unterschrift of a board. Nothing changes it but that the person is forgotten, whom the text does not name.
CREATE TABLE handover_signature (
	handover INTEGER NOT NULL REFERENCES handover (id),
	side     TEXT NOT NULL CHECK (side IN ('leaving', 'coming')),
	person   INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	at       INTEGER NOT NULL,
	text     TEXT NOT NULL,            -- all that was signed
	hash     BLOB NOT NULL CHECK (length(hash) = 32), -- SHA-256 of text
	PRIMARY KEY (handover, side)
) STRICT, WITHOUT ROWID;
CREATE INDEX handover_signature_by_person ON handover_signature (person) WHERE person IS NOT NULL;

-- feature/meeting ----------------------------------------------------------

-- Sitzung (OParl: Meeting) of a committee.
CREATE TABLE meeting (
	id       INTEGER PRIMARY KEY AUTOINCREMENT, -- no second time: minutes and tasks name a meeting, also one that was deleted
	uid      TEXT NOT NULL UNIQUE,      -- UUIDv7; of its dates in all calendars, too
	unit     INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	author   INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	title    TEXT NOT NULL CHECK (title <> ''),
	starts   INTEGER NOT NULL,
	ends     INTEGER NOT NULL,
	place    TEXT NOT NULL,             -- '': not told, or online only
	online   TEXT NOT NULL,             -- https URL; for members only; '': none
	body     TEXT NOT NULL,             -- Markdown of the invitation; for members only
	public   INTEGER NOT NULL CHECK (public IN (0, 1)), -- whom the committee speaks for read that it meets, and its public items
	state    TEXT NOT NULL CHECK (state IN ('planned', 'invited', 'running', 'ended', 'cancelled')),
	reason   TEXT NOT NULL DEFAULT '',  -- why it was cancelled
	sequence INTEGER NOT NULL DEFAULT 0, -- of what was sent last (RFC 5545 3.8.7.4); 0: the first invitation
	invited  INTEGER,                   -- when the invitation went out first; NULL: not yet
	told     INTEGER,                   -- when it went out last, or that it is cancelled
	called   INTEGER,                   -- the beginning that it named last; NULL: none yet
	late     INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)), -- the invitation went out too late
	began    INTEGER,
	ended    INTEGER,
	created  INTEGER NOT NULL,
	changed  INTEGER NOT NULL,          -- anything of it, or of its items
	moved    INTEGER NOT NULL,          -- when what an invitation says was changed last: later than told, and it is to be sent anew
	deleted  INTEGER,                   -- when a public one was removed: a row stays, for OParl; NULL: not
	CHECK (starts < ends)
) STRICT;
CREATE INDEX meeting_by_unit ON meeting (unit, starts);
CREATE INDEX meeting_by_starts ON meeting (starts);
CREATE INDEX meeting_by_author ON meeting (author);

-- Tagesordnungspunkt (OParl: AgendaItem). Its number follows from rank and depth.
CREATE TABLE meeting_item (
	id      INTEGER PRIMARY KEY AUTOINCREMENT, -- no second time: a proposal names the item that it goes on with, whose files it takes over
	uid     TEXT NOT NULL UNIQUE,
	meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
	rank    INTEGER NOT NULL,
	depth   INTEGER NOT NULL CHECK (depth IN (0, 1)), -- 1: below the one of depth 0 before it
	title   TEXT NOT NULL CHECK (title <> ''),
	body    TEXT NOT NULL,             -- Markdown
	public  INTEGER NOT NULL CHECK (public IN (0, 1)), -- 0: for members only
	kind    TEXT NOT NULL DEFAULT '',  -- opening, quorum, approval, tasks, minutes …; '': any other
	ref     INTEGER NOT NULL DEFAULT 0, -- what the kind knows, as the id of minutes; 0: nothing
	length  INTEGER NOT NULL DEFAULT 0 CHECK (length BETWEEN 0 AND 600), -- minutes that it should take; 0: not told
	reached INTEGER,                   -- when its turn came; NULL: not
	created INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	deleted INTEGER                    -- as of a meeting; NULL: not
) STRICT;
CREATE INDEX meeting_item_by_meeting ON meeting_item (meeting, rank);

-- Vorschlag zur Tagesordnung: of a member, or of what was carried over.
CREATE TABLE meeting_proposal (
	id      INTEGER PRIMARY KEY,
	uid     TEXT NOT NULL UNIQUE,      -- so that a form that is sent twice makes one
	unit    INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	author  INTEGER REFERENCES person (id), -- NULL: the house, or ehemals im Haus
	title   TEXT NOT NULL CHECK (title <> ''),
	body    TEXT NOT NULL,             -- Markdown
	public  INTEGER NOT NULL CHECK (public IN (0, 1)),
	kind    TEXT NOT NULL DEFAULT '',  -- carried: an item that was not reached; minutes …; '': of a member
	ref     INTEGER NOT NULL DEFAULT 0, -- what the kind knows
	state   TEXT NOT NULL CHECK (state IN ('open', 'postponed', 'taken', 'refused', 'withdrawn')),
	reason  TEXT NOT NULL DEFAULT '',  -- why it was postponed or refused
	item    INTEGER REFERENCES meeting_item (id) ON DELETE SET NULL, -- what it became; NULL: nothing
	at      INTEGER NOT NULL,
	decided INTEGER                    -- NULL: not
) STRICT;
CREATE INDEX meeting_proposal_by_unit ON meeting_proposal (unit, state);
CREATE INDEX meeting_proposal_by_author ON meeting_proposal (author);
CREATE INDEX meeting_proposal_by_item ON meeting_proposal (item);
CREATE UNIQUE INDEX meeting_proposal_once ON meeting_proposal (unit, kind, ref) WHERE kind <> '' AND state IN ('open', 'postponed');

-- Who is invited to a meeting, and comes or does not.
CREATE TABLE meeting_guest (
	meeting  INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
	person   INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
	instead  INTEGER REFERENCES person (id) ON DELETE SET NULL, -- for whom a substitute comes; NULL: a member, or nobody any more
	answer   TEXT NOT NULL DEFAULT '' CHECK (answer IN ('', 'yes', 'no', 'maybe')),
	note     TEXT NOT NULL DEFAULT '', -- with the answer
	answered INTEGER,                  -- NULL: not yet
	released INTEGER,                  -- when a substitute was no longer needed, or a member left; NULL: is invited
	sent     INTEGER NOT NULL DEFAULT -1, -- the sequence of the last message to them; -1: none yet
	PRIMARY KEY (meeting, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX meeting_guest_by_person ON meeting_guest (person);
CREATE INDEX meeting_guest_by_instead ON meeting_guest (instead);

-- Terminfindung: which of some times suits most.
CREATE TABLE meeting_poll (
	id      INTEGER PRIMARY KEY,
	uid     TEXT NOT NULL UNIQUE,
	unit    INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	author  INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	title   TEXT NOT NULL CHECK (title <> ''),
	place   TEXT NOT NULL,
	body    TEXT NOT NULL,             -- plain text
	closes  INTEGER NOT NULL,          -- until when one can answer
	closed  INTEGER,                   -- NULL: open
	meeting INTEGER REFERENCES meeting (id) ON DELETE SET NULL, -- what it became; NULL: nothing
	created INTEGER NOT NULL
) STRICT;
CREATE INDEX meeting_poll_by_unit ON meeting_poll (unit, closed);
CREATE INDEX meeting_poll_by_author ON meeting_poll (author);
CREATE INDEX meeting_poll_by_meeting ON meeting_poll (meeting);

-- A time that is proposed.
CREATE TABLE meeting_slot (
	id     INTEGER PRIMARY KEY,
	poll   INTEGER NOT NULL REFERENCES meeting_poll (id) ON DELETE CASCADE,
	starts INTEGER NOT NULL,
	ends   INTEGER NOT NULL,
	UNIQUE (poll, starts),
	CHECK (starts < ends)
) STRICT;

-- What a member says to one of the times.
CREATE TABLE meeting_choice (
	slot   INTEGER NOT NULL REFERENCES meeting_slot (id) ON DELETE CASCADE,
	person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
	answer TEXT NOT NULL CHECK (answer IN ('yes', 'maybe', 'no')), -- maybe: notfalls
	at     INTEGER NOT NULL,
	PRIMARY KEY (slot, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX meeting_choice_by_person ON meeting_choice (person);

-- feature/message ----------------------------------------------------------

-- How a unit holds it with messages of families. A unit without a row holds it as the next one above that has one.
CREATE TABLE message_rule (
	unit    INTEGER PRIMARY KEY REFERENCES unit (id) ON DELETE CASCADE,
	parents INTEGER NOT NULL CHECK (parents IN (0, 1)), -- families may begin conversations; what is forbidden above is forbidden here
	days    INTEGER NOT NULL CHECK (days BETWEEN 0 AND 127), -- on which answers are expected: the sum of 1 << weekday, Sunday is 0
	starts  INTEGER NOT NULL CHECK (starts BETWEEN 0 AND 1439), -- minute of the day from which
	ends    INTEGER NOT NULL CHECK (ends BETWEEN 1 AND 1440),   -- and until which
	answer  TEXT NOT NULL,             -- given by itself outside of that; '': none
	CHECK (starts < ends)
) STRICT;

-- Gespräch: what a family and a team, two teams or two colleagues write to each other.
CREATE TABLE message_conversation (
	id      INTEGER PRIMARY KEY,
	uid     TEXT NOT NULL UNIQUE,
	kind    TEXT NOT NULL CHECK (kind IN ('family', 'council', 'team', 'person')),
	unit    INTEGER NOT NULL REFERENCES unit (id), -- of a family's or a council's: whose team answers; else from where it was begun
	child   INTEGER REFERENCES child (id),         -- of a family's: whom it is about; NULL: no family's
	title   TEXT NOT NULL CHECK (title <> ''),
	offered INTEGER NOT NULL CHECK (offered IN (0, 1)), -- a team began it, and a family may answer whatever the rule says
	taker   INTEGER REFERENCES person (id),        -- of the team: looks after it; NULL: nobody yet
	closed  INTEGER,                               -- when a team closed it; NULL: it is open
	latest  INTEGER NOT NULL DEFAULT 0,            -- id of its last message
	at      INTEGER NOT NULL,                      -- of its last message: decides when it is deleted
	warned  INTEGER                                -- since when it says that it will be; NULL: it does not
) STRICT;
CREATE INDEX message_conversation_by_child ON message_conversation (child) WHERE child IS NOT NULL;
CREATE INDEX message_conversation_by_taker ON message_conversation (taker) WHERE taker IS NOT NULL;
CREATE INDEX message_conversation_by_at ON message_conversation (at);

-- Who takes part: a team, whoever it is at the moment, or a person.
CREATE TABLE message_party (
	conversation INTEGER NOT NULL REFERENCES message_conversation (id) ON DELETE CASCADE,
	unit         INTEGER REFERENCES unit (id),     -- whose team (message_team); NULL: a person
	person       INTEGER REFERENCES person (id),   -- NULL: a team
	at           INTEGER NOT NULL,                 -- of the conversation: its order in lists
	CHECK ((unit IS NULL) <> (person IS NULL))
) STRICT;
CREATE INDEX message_party_by_conversation ON message_party (conversation);
CREATE INDEX message_party_by_unit ON message_party (unit, at) WHERE unit IS NOT NULL;
CREATE INDEX message_party_by_person ON message_party (person, at) WHERE person IS NOT NULL;

-- Nachricht.
CREATE TABLE message (
	id           INTEGER PRIMARY KEY,
	uid          TEXT NOT NULL UNIQUE,             -- made with the form or from the mail: what comes twice is one
	conversation INTEGER NOT NULL REFERENCES message_conversation (id) ON DELETE CASCADE,
	author       INTEGER REFERENCES person (id),   -- NULL: the house itself (auto), or ehemals im Haus
	side         INTEGER REFERENCES unit (id),     -- for whose team it was written; NULL: for the author
	auto         INTEGER NOT NULL CHECK (auto IN (0, 1)), -- given by itself outside the hours of the rule
	body         TEXT NOT NULL,                    -- Markdown; '' once removed
	html         TEXT NOT NULL,                    -- of body
	renderer     INTEGER NOT NULL,                 -- version that made html
	quote        INTEGER REFERENCES message (id) ON DELETE SET NULL, -- of the same conversation; NULL: it quotes none
	at           INTEGER NOT NULL,
	edited       INTEGER,                          -- last time; NULL: never
	removed      INTEGER                           -- by its author; NULL: it is there
) STRICT;
CREATE INDEX message_by_conversation ON message (conversation, id);
CREATE INDEX message_by_author ON message (author) WHERE author IS NOT NULL;
CREATE INDEX message_by_quote ON message (quote) WHERE quote IS NOT NULL;

-- What a message said before it was edited; all who take part may read it.
CREATE TABLE message_before (
	id      INTEGER PRIMARY KEY,
	message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
	body    TEXT NOT NULL,
	until   INTEGER NOT NULL               -- when it was edited
) STRICT;
CREATE INDEX message_before_by_message ON message_before (message);

-- How far somebody has read, and was told.
CREATE TABLE message_read (
	person       INTEGER NOT NULL REFERENCES person (id),
	conversation INTEGER NOT NULL REFERENCES message_conversation (id) ON DELETE CASCADE,
	message      INTEGER NOT NULL DEFAULT 0,       -- the last that was read, also where it has gone since
	mailed       INTEGER NOT NULL DEFAULT 0,       -- the last that a mail has told of
	PRIMARY KEY (person, conversation)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_read_by_conversation ON message_read (conversation);

-- The team that answers for a unit; whoever asks adds the term. Of a group those who work there, in all of the facility, and
-- its head; else those who lead: Leitung, Trägerverwaltung, Verwaltung, and of a committee its board. A new board reads what
-- the old one was written, and the old one no longer does.
CREATE VIEW message_team (person, unit, since, until) AS
	SELECT m.person, u.id, max(m.since, u.since), min(m.until, u.until)
	FROM unit u JOIN membership m ON m.unit = u.id
	WHERE m.state = 'confirmed' AND (u.kind = 'group' AND m.role = 5 OR u.kind = 'facility' AND m.role = 4
		OR u.kind = 'carrier' AND m.role = 3 OR u.kind = 'city' AND m.role = 2 OR u.kind = 'committee' AND m.role = 8)
	UNION ALL
	SELECT m.person, u.id, max(m.since, u.since), min(m.until, u.until)
	FROM unit u JOIN membership m ON m.unit = u.parent
	WHERE m.state = 'confirmed' AND u.kind = 'group' AND m.role IN (4, 5)
	UNION ALL
	SELECT m.person, u.id, max(m.since, o.since), min(m.until, o.until)
	FROM unit u JOIN unit o ON o.parent = u.id AND o.kind = 'office' JOIN membership m ON m.unit = o.id
	WHERE m.state = 'confirmed' AND m.role = 2;

-- Who reads a conversation, and for which team (NULL: as themselves); whoever asks adds the term. A guardian reads a family's
-- while the child is with the unit, and where neither the family nor a court wants that nothing be told; who has written to
-- the board of a committee while it speaks for them.
CREATE VIEW message_seat (conversation, person, unit, since, until) AS
	SELECT p.conversation, t.person, p.unit, t.since, t.until
	FROM message_party p JOIN message_team t ON t.unit = p.unit
	UNION ALL
	SELECT p.conversation, p.person, NULL, max(g.since, s.since), min(g.until, s.until)
	FROM message_party p JOIN message_conversation c ON c.id = p.conversation
	JOIN guardian g ON g.child = c.child AND g.person = p.person AND g.state = 'confirmed' AND g.informed = 1
	JOIN child_stay s ON s.child = c.child JOIN unit_up u ON u.unit = s.unit AND u.above = c.unit
	WHERE c.kind = 'family'
	UNION ALL
	SELECT p.conversation, p.person, NULL, m.since, m.until
	FROM message_party p JOIN message_conversation c ON c.id = p.conversation JOIN membership m ON m.person = p.person
	WHERE c.kind = 'person' AND m.state = 'confirmed' AND m.role IN (2, 3, 4, 5)
	UNION ALL
	SELECT p.conversation, p.person, NULL, a.since, a.until
	FROM message_party p JOIN message_conversation c ON c.id = p.conversation JOIN committee_around a ON a.unit = c.unit AND a.person = p.person
	WHERE c.kind = 'council';

-- feature/list -------------------------------------------------------------

-- Liste: who brings, helps or comes when.
CREATE TABLE list (
	id      INTEGER PRIMARY KEY,
	uid     TEXT NOT NULL UNIQUE,
	unit    INTEGER NOT NULL REFERENCES unit (id),    -- whose it is
	author  INTEGER REFERENCES person (id),           -- NULL: ehemals im Haus
	kind    TEXT NOT NULL CHECK (kind IN ('bring', 'shift', 'slot')),
	title   TEXT NOT NULL CHECK (title <> ''),
	body    TEXT NOT NULL,                            -- Markdown
	council INTEGER NOT NULL CHECK (council IN (0, 1)), -- made by the parents' council, which then reads the names
	per     TEXT NOT NULL CHECK (per IN ('person', 'child')), -- who stands on it
	most    INTEGER CHECK (most > 0),                 -- lines on which one of them may stand; NULL: as many as they want
	names   INTEGER NOT NULL CHECK (names IN (0, 1)), -- all who see the list read who stands on it
	day     TEXT,                                     -- when what is brought is wanted; NULL: lines have times, or none is known
	closes  INTEGER,                                  -- NULL: when the last line begins
	closed  INTEGER,                                  -- by hand; NULL: not
	remind  INTEGER NOT NULL CHECK (remind IN (0, 1)), -- tell everybody the day before
	created INTEGER NOT NULL,
	changed INTEGER NOT NULL
) STRICT;
CREATE INDEX list_by_unit ON list (unit);
CREATE INDEX list_by_author ON list (author) WHERE author IS NOT NULL;

-- For which units, with all below them.
CREATE TABLE list_audience (
	unit  INTEGER NOT NULL REFERENCES unit (id),
	list  INTEGER NOT NULL REFERENCES list (id) ON DELETE CASCADE,
	roles INTEGER NOT NULL,            -- set of roles
	PRIMARY KEY (unit, list)
) STRICT, WITHOUT ROWID;
CREATE INDEX list_audience_by_list ON list_audience (list);

-- Zeile: one thing to bring, one shift, one appointment.
CREATE TABLE list_line (
	id     INTEGER PRIMARY KEY,
	list   INTEGER NOT NULL REFERENCES list (id) ON DELETE CASCADE,
	rank   INTEGER NOT NULL,           -- order on the page
	title  TEXT NOT NULL,              -- '': the time says it all
	room   TEXT NOT NULL,              -- '': not told
	starts INTEGER,                    -- NULL: of no time
	ends   INTEGER,                    -- the first second after it; NULL: as starts
	places INTEGER NOT NULL CHECK (places > 0),
	CHECK ((starts IS NULL) = (ends IS NULL) AND coalesce(starts < ends, 1))
) STRICT;
CREATE INDEX list_line_by_list ON list_line (list, rank);

-- Eintrag: somebody on a line.
CREATE TABLE list_entry (
	id      INTEGER PRIMARY KEY,
	line    INTEGER NOT NULL REFERENCES list_line (id) ON DELETE CASCADE,
	person  INTEGER REFERENCES person (id), -- who has put it there; NULL: ehemals im Haus, and it is a child's
	child   INTEGER REFERENCES child (id),  -- whose place it is; NULL: the person's own
	places  INTEGER NOT NULL CHECK (places > 0),
	note    TEXT NOT NULL,             -- "Apfelkuchen, ohne Nüsse"
	state   TEXT NOT NULL CHECK (state IN ('held', 'waiting')),
	turn    INTEGER NOT NULL,          -- place in the row of those who came later
	offered INTEGER,                   -- since when anybody may take it over; NULL: nobody
	at      INTEGER NOT NULL,
	CHECK (person IS NOT NULL OR child IS NOT NULL)
) STRICT;
CREATE INDEX list_entry_by_line ON list_entry (line, state, turn, places);
CREATE UNIQUE INDEX list_entry_by_child ON list_entry (child, line) WHERE child IS NOT NULL;
CREATE UNIQUE INDEX list_entry_by_own ON list_entry (person, line) WHERE child IS NULL;
CREATE INDEX list_entry_by_person ON list_entry (person) WHERE child IS NOT NULL;
CREATE INDEX list_entry_by_offer ON list_entry (line) WHERE offered IS NOT NULL;

-- When anything happens on a list last, as far as it is known: a line ends, somebody enters, it is changed or closed.
CREATE VIEW list_last (list, at) AS
	SELECT l.id, max(l.changed, coalesce(l.closes, 0), coalesce(l.closed, 0), coalesce(unixepoch(l.day, '+1 day'), 0),
		coalesce((SELECT max(z.ends) FROM list_line z WHERE z.list = l.id), 0),
		coalesce((SELECT max(e.at) FROM list_line z JOIN list_entry e ON e.line = z.id WHERE z.list = l.id), 0))
	FROM list l;

-- Who looks after the lists of a unit: changes them, and reads who stands on them. The team of the unit and whoever stands
-- above it, of whom only heads and staff read names of others' lists; for lists of the parents' council also its members.
CREATE VIEW list_lead (person, unit, edit, names, council, since, until) AS
	SELECT h.person, p.unit, 1, h.role IN (4, 5) OR p.depth = 0, 0, h.since, h.until
	FROM holding h JOIN unit_up p ON p.above = h.unit WHERE h.role IN (2, 3, 4, 5)
	UNION ALL -- the staff of a group sees how full the lists of its facility are
	SELECT h.person, p.above, 0, 0, 0, h.since, h.until
	FROM holding h JOIN unit_up p ON p.unit = h.unit AND p.depth > 0 JOIN unit u ON u.id = p.above AND u.kind = 'facility' WHERE h.role = 5
	UNION ALL
	SELECT h.person, h.unit, 1, 1, 1, h.since, h.until FROM holding h WHERE h.role IN (7, 8)
	UNION ALL -- a council is one of a facility
	SELECT h.person, f.id, 1, 1, 1, h.since, h.until
	FROM holding h JOIN unit c ON c.id = h.unit AND c.kind = 'committee' JOIN unit f ON f.id = c.parent AND f.kind = 'facility' WHERE h.role IN (7, 8);

-- feature/minutes ----------------------------------------------------------

-- Protokoll: what a meeting was about and what it decided. Approved, it never changes: see the triggers.
CREATE TABLE minutes (
	id       INTEGER PRIMARY KEY,
	uid      TEXT NOT NULL UNIQUE,
	unit     INTEGER NOT NULL REFERENCES unit (id),
	meeting  INTEGER NOT NULL UNIQUE,  -- of feature/meeting, which is asked for it by a wire
	title    TEXT NOT NULL CHECK (title <> ''), -- of the meeting
	held     INTEGER NOT NULL,         -- when the meeting began
	public   INTEGER NOT NULL CHECK (public IN (0, 1)), -- the meeting was: once approved, what is public in it is read by all around
	state    TEXT NOT NULL CHECK (state IN ('draft', 'sent', 'approved')),
	due      INTEGER NOT NULL,         -- by when they are to be sent
	reminded INTEGER NOT NULL DEFAULT 0, -- when it was last said that they are overdue
	keeper   INTEGER REFERENCES person (id), -- Protokollführung, beside the board; NULL: the board, or ehemals im Haus
	pen      INTEGER NOT NULL DEFAULT 0, -- counts who took the pen: only a form that knows the number writes
	writer   INTEGER REFERENCES person (id), -- who has the pen; NULL: nobody
	written  INTEGER NOT NULL DEFAULT 0, -- last sign of the writer
	sent     INTEGER,                  -- when they first were; NULL: never
	until    INTEGER,                  -- until when members may object; NULL: not sent
	approved INTEGER,                  -- NULL: not yet
	place    INTEGER,                  -- the meeting that approved them; NULL: none has
	session  TEXT NOT NULL DEFAULT '', -- what that meeting was called
	approver INTEGER REFERENCES person (id), -- who noted that; NULL: nobody, or ehemals im Haus
	hash     BLOB CHECK (length(hash) = 32), -- SHA-256 of the canonical text, once approved
	shown    BLOB CHECK (length(shown) = 32), -- the same of the public version
	broken   INTEGER,                  -- since when the text does not fit its hash; NULL: it does
	created  INTEGER NOT NULL,
	changed  INTEGER NOT NULL,
	CHECK ((state = 'draft') = (sent IS NULL) AND (sent IS NULL) = (until IS NULL)),
	CHECK ((state = 'approved') = (approved IS NOT NULL) AND (approved IS NULL) = (hash IS NULL) AND (approved IS NULL) = (shown IS NULL))
) STRICT;
CREATE INDEX minutes_by_unit ON minutes (unit, held);
CREATE INDEX minutes_open ON minutes (state, due) WHERE state <> 'approved';

-- What people have written about an item of the agenda, as it is now.
CREATE TABLE minutes_text (
	minutes INTEGER NOT NULL REFERENCES minutes (id),
	item    INTEGER NOT NULL,          -- of feature/meeting; 0: about the meeting as a whole
	version INTEGER NOT NULL,          -- counts the changes
	body    TEXT NOT NULL,             -- Markdown
	form    TEXT NOT NULL,             -- the opened form that wrote it last: its next text goes on from this one
	no      INTEGER NOT NULL,          -- counts what that form has sent
	author  INTEGER REFERENCES person (id), -- who changed it last; NULL: ehemals im Haus
	at      INTEGER NOT NULL,
	PRIMARY KEY (minutes, item)
) STRICT, WITHOUT ROWID;

-- Earlier and present states of those texts. What somebody types within minutes is one.
CREATE TABLE minutes_version (
	minutes INTEGER NOT NULL REFERENCES minutes (id),
	item    INTEGER NOT NULL,
	version INTEGER NOT NULL,
	body    TEXT NOT NULL,
	author  INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	since   INTEGER NOT NULL,          -- when this state was begun
	at      INTEGER NOT NULL,          -- when it was last changed
	PRIMARY KEY (minutes, item, version)
) STRICT, WITHOUT ROWID;

-- What somebody had typed when another had taken the pen: kept until it is taken in or put away.
CREATE TABLE minutes_aside (
	id      INTEGER PRIMARY KEY,
	minutes INTEGER NOT NULL REFERENCES minutes (id),
	item    INTEGER NOT NULL,
	person  INTEGER NOT NULL REFERENCES person (id),
	pen     INTEGER NOT NULL,          -- with which it was typed: the same form once more takes its place
	body    TEXT NOT NULL,
	at      INTEGER NOT NULL,
	UNIQUE (minutes, item, person, pen)
) STRICT;

-- The minutes as they were sent, complete: facts and texts. None ever changes.
CREATE TABLE minutes_revision (
	id      INTEGER PRIMARY KEY,
	minutes INTEGER NOT NULL REFERENCES minutes (id),
	number  INTEGER NOT NULL CHECK (number > 0), -- 1: as they were sent first
	content TEXT NOT NULL,             -- JSON, written by the feature alone
	why     TEXT NOT NULL,             -- what was corrected; '': the first
	author  INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	at      INTEGER NOT NULL,
	UNIQUE (minutes, number)
) STRICT;

-- Einwand of a member against minutes that were sent.
CREATE TABLE minutes_objection (
	id       INTEGER PRIMARY KEY,
	minutes  INTEGER NOT NULL REFERENCES minutes (id),
	item     INTEGER NOT NULL,         -- 0: the minutes as a whole
	body     TEXT NOT NULL CHECK (body <> ''),
	person   INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	at       INTEGER NOT NULL,
	answer   TEXT NOT NULL DEFAULT '' CHECK (answer IN ('', 'taken', 'refused')), -- '': none yet
	reason   TEXT NOT NULL DEFAULT '',
	answerer INTEGER REFERENCES person (id), -- NULL: nobody, or ehemals im Haus
	answered INTEGER,
	CHECK ((answer = '') = (answered IS NULL))
) STRICT;
CREATE INDEX minutes_objection_by_minutes ON minutes_objection (minutes);

-- Berichtigung: what turned out to be wrong in approved minutes. It stands beside them.
CREATE TABLE minutes_note (
	id      INTEGER PRIMARY KEY,
	minutes INTEGER NOT NULL REFERENCES minutes (id),
	item    INTEGER NOT NULL,          -- 0: the minutes as a whole
	public  INTEGER NOT NULL CHECK (public IN (0, 1)), -- whoever reads the public version reads it, too
	body    TEXT NOT NULL CHECK (body <> ''), -- plain text
	person  INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	at      INTEGER NOT NULL
) STRICT;
CREATE INDEX minutes_note_by_minutes ON minutes_note (minutes);

-- Who is forgotten leaves approved minutes as they are: only columns that name a person may become NULL, and
-- a damage may be noted.
CREATE TRIGGER minutes_final BEFORE UPDATE ON minutes WHEN OLD.state = 'approved' AND (
	(NEW.id, NEW.uid, NEW.unit, NEW.meeting, NEW.title, NEW.held, NEW.public, NEW.state, NEW.pen, NEW.sent, NEW.until, NEW.approved, NEW.place, NEW.session, NEW.hash, NEW.shown, NEW.created)
	IS NOT (OLD.id, OLD.uid, OLD.unit, OLD.meeting, OLD.title, OLD.held, OLD.public, OLD.state, OLD.pen, OLD.sent, OLD.until, OLD.approved, OLD.place, OLD.session, OLD.hash, OLD.shown, OLD.created)
	OR NEW.keeper IS NOT NULL AND NEW.keeper IS NOT OLD.keeper OR NEW.writer IS NOT NULL OR NEW.approver IS NOT NULL AND NEW.approver IS NOT OLD.approver)
BEGIN SELECT RAISE(ABORT, 'approved minutes do not change'); END;
CREATE TRIGGER minutes_stay BEFORE DELETE ON minutes WHEN OLD.state <> 'draft'
BEGIN SELECT RAISE(ABORT, 'minutes that were sent stay'); END;
CREATE TRIGGER minutes_replaced BEFORE INSERT ON minutes
WHEN EXISTS (SELECT 1 FROM minutes m WHERE m.state = 'approved' AND (m.id = NEW.id OR m.uid = NEW.uid OR m.meeting = NEW.meeting))
BEGIN SELECT RAISE(ABORT, 'approved minutes do not change'); END;
CREATE TRIGGER minutes_revision_final BEFORE UPDATE ON minutes_revision
WHEN (NEW.id, NEW.minutes, NEW.number, NEW.content, NEW.why, NEW.at) IS NOT (OLD.id, OLD.minutes, OLD.number, OLD.content, OLD.why, OLD.at)
	OR NEW.author IS NOT NULL AND NEW.author IS NOT OLD.author
BEGIN SELECT RAISE(ABORT, 'a revision of minutes does not change'); END;
CREATE TRIGGER minutes_revision_stay BEFORE DELETE ON minutes_revision
BEGIN SELECT RAISE(ABORT, 'a revision of minutes stays'); END;
CREATE TRIGGER minutes_revision_new BEFORE INSERT ON minutes_revision
WHEN EXISTS (SELECT 1 FROM minutes m WHERE m.id = NEW.minutes AND m.state = 'approved')
	OR EXISTS (SELECT 1 FROM minutes_revision r WHERE r.id = NEW.id OR r.minutes = NEW.minutes AND r.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'approved minutes do not change'); END;
CREATE TRIGGER minutes_text_final BEFORE UPDATE OF minutes, item, version, body, at ON minutes_text
WHEN EXISTS (SELECT 1 FROM minutes m WHERE m.id = OLD.minutes AND m.state = 'approved')
BEGIN SELECT RAISE(ABORT, 'approved minutes do not change'); END;
CREATE TRIGGER minutes_text_new BEFORE INSERT ON minutes_text
WHEN EXISTS (SELECT 1 FROM minutes m WHERE m.id = NEW.minutes AND m.state = 'approved')
BEGIN SELECT RAISE(ABORT, 'approved minutes do not change'); END;
CREATE TRIGGER minutes_text_stay BEFORE DELETE ON minutes_text
WHEN EXISTS (SELECT 1 FROM minutes m WHERE m.id = OLD.minutes AND m.state = 'approved')
BEGIN SELECT RAISE(ABORT, 'approved minutes do not change'); END;
CREATE TRIGGER minutes_objection_final BEFORE UPDATE OF minutes, item, body, at, answer, reason, answered ON minutes_objection
WHEN OLD.answer <> '' OR (NEW.minutes, NEW.item, NEW.body, NEW.at) IS NOT (OLD.minutes, OLD.item, OLD.body, OLD.at)
BEGIN SELECT RAISE(ABORT, 'an objection that was answered does not change'); END;
CREATE TRIGGER minutes_objection_stay BEFORE DELETE ON minutes_objection
BEGIN SELECT RAISE(ABORT, 'an objection stays'); END;
CREATE TRIGGER minutes_objection_new BEFORE INSERT ON minutes_objection
WHEN NOT EXISTS (SELECT 1 FROM minutes m WHERE m.id = NEW.minutes AND m.state = 'sent')
BEGIN SELECT RAISE(ABORT, 'only minutes that were sent are objected to'); END;
CREATE TRIGGER minutes_note_final BEFORE UPDATE OF id, minutes, item, public, body, at ON minutes_note
BEGIN SELECT RAISE(ABORT, 'a note does not change'); END;
CREATE TRIGGER minutes_note_stay BEFORE DELETE ON minutes_note
BEGIN SELECT RAISE(ABORT, 'a note stays'); END;
CREATE TRIGGER minutes_note_new BEFORE INSERT ON minutes_note
WHEN NOT EXISTS (SELECT 1 FROM minutes m WHERE m.id = NEW.minutes AND m.state = 'approved') OR EXISTS (SELECT 1 FROM minutes_note n WHERE n.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'only approved minutes have notes'); END;

-- feature/oparl ------------------------------------------------------------

-- What was read in from council information systems, object by object. Nobody edits it here. Names of people in it are
-- those that the source publishes; no row refers to a person of the house.
CREATE TABLE oparl_object (
	id      INTEGER PRIMARY KEY,
	uid     TEXT NOT NULL UNIQUE,        -- UUIDv7: the last part of its address in this house
	source  TEXT NOT NULL UNIQUE,        -- its id where it comes from, an address
	type    TEXT NOT NULL,               -- of OParl 1.1, such as Meeting
	body    INTEGER REFERENCES oparl_object (id), -- whose it is; NULL: a System or a Body
	parent  INTEGER REFERENCES oparl_object (id), -- within which it came; NULL: by itself
	place   INTEGER NOT NULL,            -- its place there, from 0
	unit    INTEGER REFERENCES unit (id), -- the committee that an Organization has become; NULL: none
	name    TEXT NOT NULL,               -- name or what comes nearest; may be empty
	starts  INTEGER,                     -- of a meeting, or the day of a paper; NULL: none
	json    TEXT NOT NULL,               -- as it was read; '': nothing was, or it is removed
	hash    BLOB NOT NULL,               -- SHA-256 of json
	made    INTEGER NOT NULL,            -- when it was created, as its source says; else when it was first read
	changed INTEGER NOT NULL,            -- when the house last read something new of it
	deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)) -- the source or the operator has removed it; the row stays, as OParl wants it
) STRICT;
CREATE INDEX oparl_object_by_body ON oparl_object (body, type, uid);
CREATE INDEX oparl_object_by_type ON oparl_object (type, id);
CREATE INDEX oparl_object_by_unit ON oparl_object (unit) WHERE unit IS NOT NULL;
CREATE INDEX oparl_object_by_parent ON oparl_object (parent) WHERE parent IS NOT NULL;

-- Which object names which other one, and as what.
-- # keine Personen
CREATE TABLE oparl_link (
	object   INTEGER NOT NULL REFERENCES oparl_object (id),
	property TEXT NOT NULL,
	target   TEXT NOT NULL,              -- oparl_object.source, or an address elsewhere
	PRIMARY KEY (object, property, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX oparl_link_by_target ON oparl_link (target, property);

-- What the interface has given out of the house itself, as it was last, without its words: whoever follows it is told what has
-- changed since, whatever made it change, and what is no longer published. Written when somebody asks and it is anything new.
-- # keine Personen
CREATE TABLE oparl_told (
	type         TEXT NOT NULL,
	uid          TEXT NOT NULL,           -- the last part of its address; of somebody who led a committee it stays without a name
	city         INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	organization TEXT NOT NULL,           -- uid of the first that it names; '': none
	hash         BLOB NOT NULL,           -- SHA-256 of what it says, but for when it was made and changed
	created      INTEGER NOT NULL,
	changed      INTEGER NOT NULL,        -- when it was first given out so; when it was first missing
	gone         INTEGER NOT NULL CHECK (gone IN (0, 1)),
	PRIMARY KEY (type, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX oparl_told_by_city ON oparl_told (city);

-- feature/operation --------------------------------------------------------

-- What the last self-test said of each channel that is set up.
-- # keine Personen
CREATE TABLE operation_check (
	channel TEXT PRIMARY KEY CHECK (channel IN ('push', 'mail', 'sms')),
	at      INTEGER NOT NULL,
	failure TEXT NOT NULL               -- German; '': nothing is wrong
) STRICT, WITHOUT ROWID;

-- feature/privacy ----------------------------------------------------------

-- Who was forgotten, without saying who that was: a restore of an earlier state forgets them again.
-- # Gelöschte auch nach dem Zurückholen einer Sicherung wieder löschen; duty; backup; nobody
CREATE TABLE privacy_deletion (
	kind TEXT NOT NULL CHECK (kind IN ('person', 'child')),
	uid  TEXT NOT NULL,                 -- of a row that has no name any more
	at   INTEGER NOT NULL,              -- gone 60 days later: no backup is that old
	PRIMARY KEY (kind, uid)
) STRICT, WITHOUT ROWID;

-- feature/resolution -------------------------------------------------------

-- Beschluss: what a committee has decided. Its words never change, and a number is never given twice.
CREATE TABLE resolution (
	id        INTEGER PRIMARY KEY,
	uid       TEXT NOT NULL UNIQUE,    -- UUIDv7, the same in every export
	origin    TEXT NOT NULL UNIQUE,    -- what it comes from, such as "motion 17": the same twice is one resolution
	unit      INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	year      INTEGER NOT NULL,        -- of the decision, in the house's zone
	number    INTEGER NOT NULL CHECK (number > 0), -- within the year, without a gap where the house gives it
	late      INTEGER NOT NULL CHECK (late IN (0, 1)), -- nachgetragen: somebody has entered it by hand
	title     TEXT NOT NULL,
	wording   TEXT NOT NULL,           -- Markdown
	public    INTEGER NOT NULL CHECK (public IN (0, 1)), -- not for the members alone
	meeting   INTEGER,                 -- in which it was taken; NULL: in none, or nobody knows in which
	item      INTEGER,                 -- of that meeting's agenda
	place     TEXT NOT NULL,           -- both in words: "Sitzung am 3. März 2026, TOP 4"; '': not known
	yes       INTEGER,                 -- NULL, as all that follow: nobody counted, or nobody knows
	no        INTEGER,
	abstain   INTEGER,
	invalid   INTEGER,
	present   INTEGER,                 -- votes that could have been given
	decided   INTEGER NOT NULL,
	until     TEXT,                    -- last day on which it holds; NULL: until further notice
	successor INTEGER REFERENCES resolution (id), -- which ended it; NULL: none
	fate      TEXT NOT NULL CHECK (fate IN ('', 'replaced', 'repealed')), -- what that did to it
	reason    TEXT NOT NULL,           -- why it was repealed
	created   INTEGER NOT NULL,
	changed   INTEGER NOT NULL,
	deleted   INTEGER,                 -- entered by mistake: only the number is left
	UNIQUE (unit, year, number),
	CHECK ((successor IS NULL) = (fate = '')),
	CHECK (successor <> id),
	CHECK ((title <> '' AND wording <> '') OR deleted IS NOT NULL)
) STRICT;
CREATE INDEX resolution_by_successor ON resolution (successor) WHERE successor IS NOT NULL;
CREATE INDEX resolution_by_item ON resolution (item) WHERE item IS NOT NULL;
CREATE INDEX resolution_by_change ON resolution (unit, changed) WHERE public = 1;

-- Umlaufbeschluss: a committee decides between two meetings, each member for themselves until a time.
CREATE TABLE resolution_circular (
	id         INTEGER PRIMARY KEY,
	uid        TEXT NOT NULL UNIQUE,   -- of the form: the same form sent twice is one
	unit       INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
	author     INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	title      TEXT NOT NULL CHECK (title <> ''),
	wording    TEXT NOT NULL CHECK (wording <> ''), -- Markdown
	cause      TEXT NOT NULL,          -- why it is asked, and why it cannot wait; Markdown
	public     INTEGER NOT NULL CHECK (public IN (0, 1)), -- of the resolution that may become of it
	until      TEXT,                   -- likewise
	replaces   INTEGER REFERENCES resolution (id), -- likewise; NULL: none
	opened     INTEGER NOT NULL,
	closes     INTEGER NOT NULL,
	votes      INTEGER NOT NULL CHECK (votes > 0), -- all of the committee, as it began
	quorum     INTEGER NOT NULL,       -- percent of them that must take part; as the rules were when it began
	majority   TEXT NOT NULL,          -- likewise
	state      TEXT NOT NULL CHECK (state IN ('open', 'carried', 'rejected', 'inquorate', 'stopped', 'withdrawn')),
	ended      INTEGER,                -- NULL: open
	yes        INTEGER,                -- NULL, as all that follow: it has not been voted to the end
	no         INTEGER,
	abstain    INTEGER,
	objector   INTEGER REFERENCES person (id), -- who wants it decided in a meeting; NULL: nobody, or ehemals im Haus
	objection  TEXT NOT NULL,          -- and why
	resolution INTEGER REFERENCES resolution (id), -- that it became; NULL: none
	CHECK ((state = 'open') = (ended IS NULL)),
	CHECK ((state = 'carried') = (resolution IS NOT NULL))
) STRICT;
CREATE INDEX resolution_circular_by_unit ON resolution_circular (unit, opened);
CREATE INDEX resolution_circular_by_author ON resolution_circular (author) WHERE author IS NOT NULL;
CREATE INDEX resolution_circular_by_objector ON resolution_circular (objector) WHERE objector IS NOT NULL;

-- Who may vote on a circular resolution: who had a vote when it began.
CREATE TABLE resolution_asked (
	circular INTEGER NOT NULL REFERENCES resolution_circular (id) ON DELETE CASCADE,
	person   INTEGER NOT NULL REFERENCES person (id),
	PRIMARY KEY (circular, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX resolution_asked_by_person ON resolution_asked (person);

-- feature/slip -------------------------------------------------------------

-- Rückmeldung: what an announcement asks. Like its words it never changes.
CREATE TABLE slip (
	announcement INTEGER PRIMARY KEY REFERENCES announcement (id),
	per      TEXT NOT NULL CHECK (per IN ('child', 'person')), -- for whom one answers
	deadline INTEGER,                  -- NULL: while the announcement holds
	sign     TEXT NOT NULL CHECK (sign IN ('', 'name', 'draw')), -- how: not, by typing one's name, also by drawing it
	both     INTEGER NOT NULL CHECK (both IN (0, 1)), -- all who decide for a child must answer, and the same
	reminded INTEGER,                  -- when somebody last had the others reminded; NULL: never
	cleared  INTEGER                   -- when the answers were deleted, since they had been kept long enough; NULL: not yet
) STRICT;

CREATE TABLE slip_question (
	id       INTEGER PRIMARY KEY,
	slip     INTEGER NOT NULL REFERENCES slip (announcement),
	rank     INTEGER NOT NULL,
	kind     TEXT NOT NULL CHECK (kind IN ('one', 'many', 'number', 'text')),
	words    TEXT NOT NULL CHECK (words <> ''),
	choices  TEXT NOT NULL,            -- one a line; '': of a number or a text
	required INTEGER NOT NULL CHECK (required IN (0, 1))
) STRICT;
CREATE INDEX slip_question_by_slip ON slip_question (slip, rank);

-- Antwort: the last word of a person.
CREATE TABLE slip_answer (
	id      INTEGER PRIMARY KEY,
	slip    INTEGER NOT NULL REFERENCES slip (announcement),
	person  INTEGER NOT NULL REFERENCES person (id),
	child   INTEGER REFERENCES child (id), -- NULL: for oneself
	signed  TEXT NOT NULL,             -- the name as it was typed; '': not asked for
	drawing TEXT NOT NULL,             -- path of an SVG of 300 × 100; '': none
	edition INTEGER NOT NULL,          -- 1: as it was given first
	at      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX slip_answer_by_child ON slip_answer (slip, child, person) WHERE child IS NOT NULL;
CREATE UNIQUE INDEX slip_answer_by_own ON slip_answer (slip, person) WHERE child IS NULL;
CREATE INDEX slip_answer_by_person ON slip_answer (person);
CREATE INDEX slip_answer_of_child ON slip_answer (child) WHERE child IS NOT NULL;

CREATE TABLE slip_value (
	answer   INTEGER NOT NULL REFERENCES slip_answer (id) ON DELETE CASCADE,
	question INTEGER NOT NULL REFERENCES slip_question (id),
	value    TEXT NOT NULL,            -- the choice, the number, the text
	PRIMARY KEY (answer, question, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX slip_value_by_question ON slip_value (question);

-- What somebody had answered before.
CREATE TABLE slip_trace (
	id     INTEGER PRIMARY KEY,
	slip   INTEGER NOT NULL REFERENCES slip (announcement),
	person INTEGER NOT NULL REFERENCES person (id),
	child  INTEGER REFERENCES child (id),
	words  TEXT NOT NULL,              -- the answer in words
	at     INTEGER NOT NULL            -- when it was given
) STRICT;
-- When anything happens about a slip last, as far as it is known.
CREATE VIEW slip_last (slip, at) AS
	SELECT s.announcement, max(a.published, coalesce(s.deadline, 0), coalesce(a.expires, 0), coalesce((SELECT max(w.at) FROM slip_answer w WHERE w.slip = s.announcement), 0))
	FROM slip s JOIN announcement a ON a.id = s.announcement WHERE s.cleared IS NULL;

CREATE INDEX slip_trace_by_slip ON slip_trace (slip);
CREATE INDEX slip_trace_by_person ON slip_trace (person);
CREATE INDEX slip_trace_by_child ON slip_trace (child) WHERE child IS NOT NULL;

-- feature/room -------------------------------------------------------------

-- Raum: where the people of some units talk to each other. Whoever may announce at its unit moderates it.
CREATE TABLE room (
	id      INTEGER PRIMARY KEY,
	unit    INTEGER NOT NULL REFERENCES unit (id),
	youth   INTEGER NOT NULL CHECK (youth IN (0, 1)), -- young people come in with a code, under an alias
	name    TEXT NOT NULL CHECK (name <> ''),
	about   TEXT NOT NULL,              -- what for; '': nothing is said
	review  INTEGER NOT NULL CHECK (review IN (0, 1)), -- what members write is shown once a moderator has released it
	consent INTEGER NOT NULL CHECK (consent IN (0, 1)), -- who is under 16 writes only with the consent of guardians
	hours   TEXT NOT NULL,              -- when the team reads, in its own words; '': nothing is said
	keep    INTEGER NOT NULL CHECK (keep > 0), -- days after its last post in which a topic is kept
	author  INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	created INTEGER NOT NULL,
	closed  INTEGER                     -- since when nobody writes any more; NULL: it is open
) STRICT;
CREATE INDEX room_by_unit ON room (unit);

-- For whom a room is: roles at a unit with all below it. A youth room has none.
CREATE TABLE room_audience (
	unit  INTEGER NOT NULL REFERENCES unit (id),
	room  INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
	roles INTEGER NOT NULL,
	PRIMARY KEY (unit, room)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_audience_by_room ON room_audience (room);

-- Somebody who has accepted the netiquette and come in.
CREATE TABLE room_member (
	room   INTEGER NOT NULL REFERENCES room (id),
	person INTEGER NOT NULL REFERENCES person (id),
	rules  BLOB NOT NULL CHECK (length(rules) = 32), -- SHA-256 of the netiquette as it was accepted
	at     INTEGER NOT NULL,           -- when it was
	news   INTEGER NOT NULL DEFAULT 1 CHECK (news IN (0, 1)), -- is told of new topics
	PRIMARY KEY (room, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_member_by_person ON room_member (person);

-- Thema.
CREATE TABLE room_topic (
	id     INTEGER PRIMARY KEY,
	room   INTEGER NOT NULL REFERENCES room (id),
	title  TEXT NOT NULL CHECK (title <> ''), -- readers have room_heading
	author INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	latest INTEGER NOT NULL,           -- when somebody last wrote
	pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
	closed INTEGER,                    -- since when nobody answers any more; NULL: it is open
	solved INTEGER REFERENCES room_post (id) -- the answer that helped; NULL: none
) STRICT;
CREATE INDEX room_topic_by_room ON room_topic (room, pinned, latest);

-- Beitrag: the first one of a topic asks, the others answer.
CREATE TABLE room_post (
	id       INTEGER PRIMARY KEY,
	uid      TEXT NOT NULL UNIQUE,     -- made with the form: the same form sent twice is one post
	topic    INTEGER NOT NULL REFERENCES room_topic (id),
	author   INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	alias    TEXT NOT NULL DEFAULT '', -- of a young author, as it was
	body     TEXT NOT NULL,            -- Markdown; '': its author has removed it
	html     TEXT NOT NULL,
	renderer INTEGER NOT NULL,         -- text.Version of html
	quote    INTEGER REFERENCES room_post (id) ON DELETE SET NULL, -- that it answers; NULL: none in particular
	at       INTEGER NOT NULL,
	edited   INTEGER,                  -- when its author last changed it; NULL: never
	state    TEXT NOT NULL CHECK (state IN ('waiting', 'shown', 'hidden', 'refused', 'removed'))
) STRICT;
CREATE INDEX room_post_by_topic ON room_post (topic, id);
CREATE INDEX room_post_by_author ON room_post (author) WHERE author IS NOT NULL;
CREATE INDEX room_post_by_quote ON room_post (quote) WHERE quote IS NOT NULL;
CREATE INDEX room_post_waiting ON room_post (state, at) WHERE state = 'waiting';

-- The title of a topic as its readers have it: hidden with the post that it belongs to, the first one.
CREATE VIEW room_heading (topic, title) AS
	SELECT t.id, iif((SELECT p.state FROM room_post p WHERE p.topic = t.id ORDER BY p.id LIMIT 1) IN ('hidden', 'refused'), 'Ausgeblendetes Thema', t.title)
	FROM room_topic t;

-- Who wants to be told of answers, and who does not.
CREATE TABLE room_follow (
	topic   INTEGER NOT NULL REFERENCES room_topic (id) ON DELETE CASCADE,
	person  INTEGER NOT NULL REFERENCES person (id),
	follows INTEGER NOT NULL CHECK (follows IN (0, 1)),
	PRIMARY KEY (topic, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_follow_by_person ON room_follow (person);

-- Whom a post addresses.
CREATE TABLE room_mention (
	post   INTEGER NOT NULL REFERENCES room_post (id) ON DELETE CASCADE,
	person INTEGER NOT NULL REFERENCES person (id),
	PRIMARY KEY (post, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_mention_by_person ON room_mention (person);

CREATE TABLE room_reaction (
	post   INTEGER NOT NULL REFERENCES room_post (id) ON DELETE CASCADE,
	person INTEGER NOT NULL REFERENCES person (id),
	kind   TEXT NOT NULL CHECK (kind IN ('thanks', 'helps', 'agree', 'question')),
	PRIMARY KEY (post, person, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_reaction_by_person ON room_reaction (person);

-- Posts that wait for the mail in which a person's day is collected.
CREATE TABLE room_news (
	person INTEGER NOT NULL REFERENCES person (id),
	post   INTEGER NOT NULL REFERENCES room_post (id) ON DELETE CASCADE,
	due    INTEGER NOT NULL,           -- the evening
	PRIMARY KEY (person, post)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_news_by_post ON room_news (post);

-- Meldung: somebody says that a post breaks a law or a rule (DSA Art. 16).
CREATE TABLE room_report (
	id       INTEGER PRIMARY KEY,
	post     INTEGER NOT NULL REFERENCES room_post (id) ON DELETE CASCADE,
	reporter INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	ground   TEXT NOT NULL CHECK (ground IN ('law', 'rules', 'danger')),
	words    TEXT NOT NULL,
	at       INTEGER NOT NULL,
	decided  INTEGER,                  -- NULL: nobody has looked at it yet
	outcome  TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('', 'acted', 'left'))
) STRICT;
CREATE INDEX room_report_by_post ON room_report (post);
CREATE INDEX room_report_by_reporter ON room_report (reporter) WHERE reporter IS NOT NULL;

-- Maßnahme: what a moderator has done, and why (DSA Art. 17); what its subject said against it, and the answer (Art. 20).
CREATE TABLE room_action (
	id        INTEGER PRIMARY KEY,
	room      INTEGER NOT NULL REFERENCES room (id),
	topic     INTEGER REFERENCES room_topic (id) ON DELETE SET NULL, -- NULL: it is deleted
	post      INTEGER REFERENCES room_post (id) ON DELETE SET NULL,  -- NULL: of the whole topic, or it is deleted
	kind      TEXT NOT NULL CHECK (kind IN ('hide', 'show', 'warn', 'close', 'reopen', 'release', 'refuse')),
	ground    TEXT NOT NULL CHECK (ground IN ('', 'law', 'rules', 'danger')), -- '': it restricts nobody
	reason    TEXT NOT NULL,
	noticed   INTEGER NOT NULL CHECK (noticed IN (0, 1)), -- somebody had reported it (DSA Art. 17, 3 b)
	moderator INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	person    INTEGER REFERENCES person (id), -- whom it concerns; NULL: nobody any more
	at        INTEGER NOT NULL,
	objection TEXT NOT NULL DEFAULT '', -- '': none
	objected  INTEGER,                 -- NULL: never
	answer    TEXT NOT NULL DEFAULT '',
	answered  INTEGER,                 -- NULL: not yet
	answerer  INTEGER REFERENCES person (id), -- NULL: nobody, or ehemals im Haus
	upheld    INTEGER NOT NULL DEFAULT 1 CHECK (upheld IN (0, 1)) -- 0: taken back after the objection
) STRICT;
CREATE INDEX room_action_by_room ON room_action (room, id);
CREATE INDEX room_action_by_person ON room_action (person) WHERE person IS NOT NULL;
CREATE INDEX room_action_by_post ON room_action (post) WHERE post IS NOT NULL;
CREATE INDEX room_action_by_topic ON room_action (topic) WHERE topic IS NOT NULL;

-- The page of an archive that was made of a post.
CREATE TABLE room_page (
	post INTEGER NOT NULL REFERENCES room_post (id) ON DELETE CASCADE,
	page INTEGER NOT NULL,             -- whoever keeps pages knows it; it may be gone
	PRIMARY KEY (post, page)
) STRICT, WITHOUT ROWID;

-- Who may come into which room; whoever asks adds the term. far is NULL for those whom the room is for; for those who
-- moderate it how many units lie between them and it. An office reads along only in its own rooms, and nobody from
-- above in those of a committee, which its chair moderates.
CREATE VIEW room_right (person, room, far, since, until) AS
	SELECT r.person, a.room, NULL, r.since, r.until
	FROM reach r JOIN room_audience a ON a.unit = r.unit WHERE (a.roles & r.own) <> 0
	UNION ALL
	SELECT h.person, a.room, NULL, h.since, h.until
	FROM youth_alias a JOIN room o ON o.id = a.room JOIN holding h ON h.person = a.person AND h.unit = o.unit AND h.role = 9
	UNION ALL
	SELECT h.person, o.id, p.depth, h.since, h.until
	FROM holding h CROSS JOIN unit_up p ON p.above = h.unit CROSS JOIN room o ON o.unit = p.unit JOIN unit u ON u.id = o.unit
	WHERE u.kind <> 'committee' AND (h.role IN (3, 4, 5) OR h.role = 2 AND p.depth = 0) OR u.kind = 'committee' AND h.role = 8 AND p.depth = 0;

-- feature/wiki -------------------------------------------------------------

-- How a unit keeps its archive. No row: nobody has to release anything.
CREATE TABLE wiki_archive (
	unit    INTEGER PRIMARY KEY REFERENCES unit (id) ON DELETE CASCADE,
	approve INTEGER NOT NULL CHECK (approve IN (0, 1)) -- what is saved is shown only once somebody else has released it
) STRICT;

-- Seite: its words stand in its revisions.
CREATE TABLE wiki_page (
	id       INTEGER PRIMARY KEY,
	uid      TEXT NOT NULL UNIQUE,      -- UUIDv7, the same in every export
	unit     INTEGER NOT NULL REFERENCES unit (id), -- whose archive it stands in
	parent   INTEGER REFERENCES wiki_page (id), -- of the same unit; NULL: at the top
	rank     INTEGER NOT NULL,          -- order among those of one parent, from 1
	access   TEXT NOT NULL CHECK (access IN ('board', 'staff', 'unit', 'house', 'public')), -- who reads it
	shown    INTEGER REFERENCES wiki_revision (id), -- what readers see; NULL: nothing is released yet, or it is a template
	latest   INTEGER REFERENCES wiki_revision (id), -- what is edited next; NULL only while the page is made
	html     TEXT NOT NULL DEFAULT '',  -- of shown
	renderer INTEGER NOT NULL DEFAULT 0, -- text.ArchiveVersion of html
	asks     TEXT NOT NULL DEFAULT '' CHECK (asks IN ('', 'staff', 'unit')), -- who has to read it, as in wiki_duty; '': nobody
	must     INTEGER REFERENCES wiki_revision (id), -- they say so of this revision or a later one, never later than shown; NULL: nobody has to, or nothing is shown
	reminded INTEGER NOT NULL DEFAULT 0, -- when those who have not were reminded last
	owner    INTEGER REFERENCES person (id), -- looks after it; NULL: nobody in particular
	review   TEXT NOT NULL DEFAULT '',  -- day on which the owner looks whether it still holds; '': never
	every    INTEGER NOT NULL DEFAULT 0 CHECK (every IN (0, 6, 12, 24)), -- months from one review to the next; 0: there is no next
	checked  INTEGER,                   -- when somebody last said that it still holds; NULL: never
	nudged   INTEGER NOT NULL DEFAULT 0, -- when somebody was last told that the review is due; 0: not yet
	awaited  INTEGER NOT NULL DEFAULT 0 CHECK (awaited IN (0, 1)), -- those who release were told that a revision waits
	template INTEGER NOT NULL DEFAULT 0 CHECK (template IN (0, 1)), -- offered where a page is begun, and shown to no reader
	purpose  TEXT NOT NULL DEFAULT '',  -- what every house needs such a page for (house.Seed); '': any other page
	created  INTEGER NOT NULL,
	removed  INTEGER,                   -- when it was put into the bin; NULL: it is there
	CHECK (template = 0 OR shown IS NULL)
) STRICT;
CREATE INDEX wiki_page_by_unit ON wiki_page (unit, parent, rank);
CREATE UNIQUE INDEX wiki_page_by_purpose ON wiki_page (unit, purpose) WHERE purpose <> '';
CREATE INDEX wiki_page_by_parent ON wiki_page (parent) WHERE parent IS NOT NULL;
CREATE INDEX wiki_page_by_access ON wiki_page (access) WHERE access IN ('house', 'public');
CREATE INDEX wiki_page_by_owner ON wiki_page (owner) WHERE owner IS NOT NULL;
CREATE INDEX wiki_page_by_duty ON wiki_page (unit, asks) WHERE must IS NOT NULL;
CREATE INDEX wiki_page_by_review ON wiki_page (review) WHERE review <> '';

-- Fassung: a saved state of a page.
CREATE TABLE wiki_revision (
	id       INTEGER PRIMARY KEY,
	page     INTEGER NOT NULL REFERENCES wiki_page (id),
	title    TEXT NOT NULL CHECK (title <> ''),
	key      TEXT NOT NULL,             -- the title as links find it; an earlier title still does
	body     TEXT NOT NULL,             -- Markdown
	author   INTEGER REFERENCES person (id), -- NULL: the console, or ehemals im Haus
	at       INTEGER NOT NULL,
	released INTEGER,                   -- when it was shown to readers; NULL: never
	releaser INTEGER REFERENCES person (id), -- NULL: the author alone, or ehemals im Haus
	again    INTEGER NOT NULL DEFAULT 0 CHECK (again IN (0, 1)), -- whoever has to read the page reads this anew
	refused  INTEGER,                   -- when it went back to its author; NULL: it did not
	refuser  INTEGER REFERENCES person (id), -- NULL: it did not go back, or ehemals im Haus
	reason   TEXT NOT NULL DEFAULT ''   -- why it went back
) STRICT;
CREATE INDEX wiki_revision_by_page ON wiki_revision (page, id);
CREATE INDEX wiki_revision_by_key ON wiki_revision (key, page);
CREATE INDEX wiki_revision_by_author ON wiki_revision (author) WHERE author IS NOT NULL;

-- The files that stand below a page in one of its revisions. Others belong to the page because its text shows them.
CREATE TABLE wiki_file (
	revision INTEGER NOT NULL REFERENCES wiki_revision (id),
	file     INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
	PRIMARY KEY (revision, file)
) STRICT, WITHOUT ROWID;
CREATE INDEX wiki_file_by_file ON wiki_file (file);

-- The [[titles]] that the latest revision of a page names, whether or not there is such a page.
CREATE TABLE wiki_link (
	page  INTEGER NOT NULL REFERENCES wiki_page (id),
	title TEXT NOT NULL,
	key   TEXT NOT NULL,                -- as in wiki_revision
	PRIMARY KEY (page, title)
) STRICT, WITHOUT ROWID;
CREATE INDEX wiki_link_by_key ON wiki_link (key);

-- Where something that was read in came from, so that reading it again changes nothing.
CREATE TABLE wiki_source (
	page INTEGER NOT NULL REFERENCES wiki_page (id),
	path TEXT NOT NULL,                 -- in the folder or ZIP
	hash BLOB NOT NULL CHECK (length(hash) = 32), -- SHA-256: of title and text as the import made them; of a file as it lay there
	file INTEGER REFERENCES file (id) ON DELETE CASCADE, -- of the page; NULL: the page itself
	PRIMARY KEY (page, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX wiki_source_by_path ON wiki_source (path) WHERE file IS NULL;
CREATE INDEX wiki_source_by_file ON wiki_source (file) WHERE file IS NOT NULL;

-- Gelesen: somebody has said so.
CREATE TABLE wiki_reading (
	page     INTEGER NOT NULL REFERENCES wiki_page (id),
	person   INTEGER NOT NULL REFERENCES person (id),
	revision INTEGER NOT NULL REFERENCES wiki_revision (id), -- the latest that was read
	at       INTEGER NOT NULL,
	PRIMARY KEY (page, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX wiki_reading_by_person ON wiki_reading (person);

-- What somebody is typing, saved by itself; gone once the page is saved.
CREATE TABLE wiki_draft (
	person INTEGER NOT NULL REFERENCES person (id),
	page   INTEGER NOT NULL REFERENCES wiki_page (id),
	base   INTEGER NOT NULL,            -- the revision it began from
	title  TEXT NOT NULL,
	body   TEXT NOT NULL,
	at     INTEGER NOT NULL,
	PRIMARY KEY (person, page)
) STRICT, WITHOUT ROWID;
CREATE INDEX wiki_draft_by_page ON wiki_draft (page);

-- Who has to read what is meant for the team of a unit ("staff") or for all around it ("unit"), by the role that they hold
-- at place: there or below, so that nobody has to read what all units below theirs write. For a committee the team are
-- its members and the unit is the one that it belongs to. Whoever asks adds the term.
CREATE VIEW wiki_duty (person, unit, asks, place, role, since, until) AS
	SELECT h.person, p.above, a.value, h.unit, h.role, h.since, h.until
	FROM holding h JOIN unit_up p ON p.unit = h.unit JOIN unit u ON u.id = p.above AND u.kind <> 'committee' JOIN json_each('["staff", "unit"]') a
	WHERE h.role IN (2, 3, 4, 5) OR h.role IN (6, 7, 8) AND a.value = 'unit'
	UNION ALL
	SELECT h.person, o.id, a.value, h.unit, h.role, h.since, h.until
	FROM holding h JOIN unit o ON o.parent = h.unit AND o.kind = 'office' JOIN json_each('["staff", "unit"]') a WHERE h.role = 2
	UNION ALL
	SELECT h.person, h.unit, a.value, h.unit, h.role, h.since, h.until
	FROM holding h JOIN unit u ON u.id = h.unit AND u.kind = 'committee' JOIN json_each('["staff", "unit"]') a WHERE h.role IN (7, 8)
	UNION ALL
	SELECT h.person, c.id, 'staff', h.unit, h.role, h.since, h.until
	FROM holding h JOIN unit c ON c.parent = h.unit AND c.kind = 'committee' WHERE h.role = 7
	UNION ALL
	SELECT h.person, c.id, 'unit', h.unit, h.role, h.since, h.until
	FROM holding h JOIN unit_up p ON p.unit = h.unit JOIN unit c ON c.parent = p.above AND c.kind = 'committee' WHERE h.role IN (2, 3, 4, 5, 6, 7, 8);

-- What a person may do in the archive of a unit; whoever asks adds the term. 1: reads what is for those around the unit,
-- 2: what is for its team, 4: what is for its head, 8: writes. A committee's archive is its members' own (the chair is its
-- head), and those around it are those around the unit that it belongs to. A group's knowledge is its facility's.
CREATE VIEW wiki_may (person, unit, may, since, until) AS
	-- held in the unit itself
	SELECT h.person, u.id, CASE u.kind WHEN 'committee' THEN (h.role IN (7, 8)) * 11 + (h.role = 8) * 4
		ELSE (h.role BETWEEN 2 AND 8) + (h.role BETWEEN 2 AND 5) * 10 + (h.role BETWEEN 2 AND 4) * 4 + (h.role = 1) * 8 END, h.since, h.until
	FROM holding h CROSS JOIN unit u ON u.id = h.unit
	UNION ALL -- below it
	SELECT h.person, p.above, (h.role BETWEEN 2 AND 8) + (h.role BETWEEN 2 AND 5) * 2 + (h.role = 5 AND p.depth = 1 AND g.kind = 'group') * 8, h.since, h.until
	FROM holding h CROSS JOIN unit_up p ON p.unit = h.unit AND p.depth > 0 CROSS JOIN unit g ON g.id = h.unit
	UNION ALL -- above it
	SELECT h.person, u.id, (h.role BETWEEN 2 AND 5) * 11 + (h.role BETWEEN 2 AND 4) * 4, h.since, h.until
	FROM holding h CROSS JOIN unit_up p ON p.above = h.unit AND p.depth > 0 CROSS JOIN unit u ON u.id = p.unit AND u.kind <> 'committee'
	UNION ALL -- in or below the unit of a committee
	SELECT h.person, c.id, (h.role BETWEEN 2 AND 8) | (h.role = 7 AND p.depth = 0) * 10, h.since, h.until
	FROM holding h CROSS JOIN unit c ON c.kind = 'committee' CROSS JOIN unit_up p ON p.unit = h.unit AND p.above = c.parent
	UNION ALL -- above the unit of a committee
	SELECT h.person, c.id, h.role BETWEEN 2 AND 5, h.since, h.until
	FROM holding h CROSS JOIN unit c ON c.kind = 'committee' CROSS JOIN unit_up p ON p.unit = c.parent AND p.above = h.unit AND p.depth > 0;

-- The same in words, a row for each.
CREATE VIEW wiki_right (person, unit, level, since, until) AS
	SELECT m.person, m.unit, l.level, m.since, m.until
	FROM wiki_may m JOIN (SELECT 1 AS bit, 'unit' AS level UNION ALL VALUES (2, 'staff'), (4, 'board'), (8, 'write')) l ON m.may & l.bit;

-- feature/youth ------------------------------------------------------------

-- A young person in a youth room. Nothing else is known of them: no name, no address, no birthday.
CREATE TABLE youth_alias (
	room      INTEGER NOT NULL REFERENCES room (id),
	person    INTEGER NOT NULL REFERENCES person (id),
	alias     TEXT NOT NULL,
	skeleton  TEXT NOT NULL,           -- of the alias, so that none looks like another
	words     BLOB NOT NULL UNIQUE,    -- SHA-256 of the six words that lead back in
	age       TEXT NOT NULL DEFAULT '' CHECK (age IN ('', 'under', 'over')), -- than 16, as the team has noted; '': nobody has
	consent   INTEGER,                 -- when the team noted that guardians agree; NULL: it did not
	consenter INTEGER REFERENCES person (id), -- who noted it; NULL: nobody, or ehemals im Haus
	seen      INTEGER NOT NULL,        -- when the person last came in or wrote; the account ends 90 days later
	PRIMARY KEY (room, person),
	UNIQUE (room, skeleton)
) STRICT, WITHOUT ROWID;
CREATE INDEX youth_alias_by_person ON youth_alias (person);

-- A code that the team hands out.
CREATE TABLE youth_code (
	id      INTEGER PRIMARY KEY,
	room    INTEGER NOT NULL REFERENCES room (id),
	hash    BLOB NOT NULL UNIQUE,      -- SHA-256 of the code
	author  INTEGER REFERENCES person (id), -- NULL: ehemals im Haus
	expires INTEGER NOT NULL,
	uses    INTEGER NOT NULL,          -- how often it may be used
	used    INTEGER NOT NULL DEFAULT 0,
	CHECK (used <= uses)
) STRICT;
CREATE INDEX youth_code_by_room ON youth_code (room);
