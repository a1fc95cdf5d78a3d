-- A small schema, so that the golden files change only when the words do.

-- base/org -----------------------------------------------------------------

-- # keine Personen
CREATE TABLE unit (
	id INTEGER PRIMARY KEY
) STRICT;

-- feature/absence ----------------------------------------------------------
-- ## Abwesenheiten; children, guardians

-- # Tage, an denen ein Kind fehlt; wissen, welche Kinder kommen; task; roll; team, family
-- # reason: Grund der Abwesenheit; die Gruppe planen; health; reason; team, family
CREATE TABLE absence (
	id     INTEGER PRIMARY KEY,
	reason TEXT NOT NULL
) STRICT;

-- # Tage, an denen ein Kind fehlt; wissen, welche Kinder kommen; task; roll; team, family
CREATE TABLE absence_event (
	id INTEGER PRIMARY KEY
) STRICT;

-- feature/bulletin ---------------------------------------------------------
-- ## Rundbriefe; guardians, members

-- # Zustimmung zu Rundbriefen; nur an Eltern senden, die es wollen; consent; consent; self
CREATE TABLE bulletin_agreement (
	id INTEGER PRIMARY KEY
) STRICT;

-- # Meldung eines Rundbriefs; rechtswidrige Inhalte prüfen; duty; council; team
CREATE TABLE bulletin_report (
	id INTEGER PRIMARY KEY
) STRICT;

-- # Browser und Gerät; angemeldet bleiben; security; session; self, providers
CREATE TABLE session (
	id INTEGER PRIMARY KEY
) STRICT;
