// Package app puts the house together and runs it.
//
//	app.go       open, build, serve, stop
//	features.go  the list of features, and the few wires between them
//	frame.go     who asks, and what stands around every page
//	stream.go    /strom: open pages hear that something has changed
//	folder.go    the data folder and its lock
//	control.go   the socket through which commands reach a house that is being served
//	command.go   import and link
//	doctor.go    is the house well? support.go: what whoever helps may read
//	install.go   a systemd unit and a user on Debian
//	pages.go     import of pages
//	demo/        the town of "nestfunk demo"
//	base/        the kernel; knows no feature
//	feature/     one folder is one feature; none knows another
//	apptest/     a test house
//
// # Map of base
//
//	fault     an error that a person may read; every other error is internal
//	who       viewer, roles, rights: the zero right lets nobody in
//	store     transactions on SQLite; one writer that commits in groups
//	web       routes, pages, forms, sessions, limits
//	house     what a feature is given and what it gives
//	org       units, memberships, and the views "holding" and "reach"
//	person    people, children, guardians
//	committee seats, rules and terms of committees
//	calendar  how dates come back, public holidays, and iCalendar
//	search    the index of everything, its words and who may find what
//	task      the outbox: a side effect is a row
//	channel   how people can be reached: wishes, proofs, ladders
//	push      Web Push: notifications while no page is open
//	notice    tells one person one thing: on their devices, else by mail
//	live      tells open pages that something changed; carries no content
//	mail      SMTP, and mails that came back
//	sms       seven.io and SMPP, and what they report
//	files     what people put into the house; read in a child process
//	audit     the record of who did what, when and from where: a chain of hashes
//	backup    snapshots that are proved to come back, and their way back
//	sheet     tables for spreadsheets: CSV and XLSX
//	metric    counts requests, for Prometheus
//	settings  what the operator sets; secrets are sealed
//	text      Markdown
//	oparl     OParl 1.1: its objects, its schema, and what a feature publishes
//	bundle    pages as folders and ZIPs of Markdown, of this house and of other programs
//	lang      German words, other languages, dates
//
// # Glossary
//
// The words of the code, their German, and what they mean.
//
//	unit          Einheit             a place in the tree: city, office, carrier, facility, group, committee
//	carrier       Träger              who runs facilities
//	facility      Einrichtung         a Kita, Hort, Jugendclub
//	group         Gruppe              children looked after together
//	committee     Gremium             a body that meets and decides
//	person        Person              somebody with or without sign-in
//	child         Kind                never signs in; is in one group at a time
//	stay          Betreuung           when a child was in which group
//	membership    Mitgliedschaft      a role, somewhere, for a term
//	guardian      Sorgeberechtigte    an adult responsible for a child, as one carrier knows them
//	holding       gehaltene Rolle     a confirmed role with its term, memberships and guardianship alike
//	reach         Reichweite          the units that a held role reaches
//	session       Anmeldung           a signed-in browser
//	push          Push-Mitteilung     what a browser shows while no page of the house is open
//	subscription  Push-Anmeldung      a browser that wants that; it ends with its session
//	setting       Einstellung         what the operator sets
//	sms           SMS                 a text message; charged by the part
//	task          Ausgang             a side effect that is decided and still owed
//	account       Zugang              how a person signs in
//	invitation    Einladung           the letter with a one-time code
//	announcement  Mitteilung          somebody tells an audience something
//	audience      Empfängerkreis      units with all below them, and roles
//	closure       Schließung          an announcement that a facility or group is closed
//	care          Notbetreuung        a place asked for a child during a closure
//	receipt       Lesebestätigung     a person has confirmed one announcement
//	channel       Weg                 how a person is reached: push, mail, SMS, telephone
//	ladder        Stufen              which channel is tried after how many minutes without confirmation
//	drill         Probealarm          an announcement that only proves who would be reached
//	reachability  Erreichbarkeit      over which channels a person can be reached, and what proves it
//	delivery      Zustellung          one announcement to one person over one channel, with its state
//	coverage      Erreichungsstand    for how many children at least one guardian has been reached
//	device        Gerät               the browser or phone that somebody holds; what rests on it
//	file          Datei               what somebody has put somewhere: a photo, a plan, a form
//	search        Suche               finds what all features keep; a cache beside the database
//	source        Quelle              a kind of documents that can be found, kept by a feature
//	operation     Betrieb             settings, health and record of the house
//	registry      Stammdaten          pages of units, people and children
//	intake        Einlesen            imports of units, people and children
//	privacy       Auskunft            what the house knows of somebody, and how it forgets
//	audit         Protokollierung     who did what, when and from where, for those who answer for it
//	checkup       Prüfung             looks whether the house can do its work
//	backup        Sicherung           copies of the house elsewhere
//	snapshot      Stand               one state of the house, kept in a target
//	wiki          Wissensspeicher     what a unit knows: its archive of pages
//	list          Liste               who brings, helps or comes when
//	line          Zeile               one thing to bring, one shift, one appointment
//	entry         Eintrag             somebody on a line, on a place or waiting for one
//	slip          Rückmeldung         what an announcement asks
//	notice        Bescheid            one person is told one thing, without asking for a confirmation
//	page          Seite               a text of an archive, with a title that others link to
//	revision      Fassung             a saved state of a page
//	absence       Abwesenheit         a child does not come on some days; with a coarse reason, or none
//	excused       entschuldigt        the view of who is absent when; a word of the kernel, for whoever counts children
//	deed          Tat                 a tap on the list of a day, an undo, a correction; none is ever changed
//	roll          Tagesliste          the children of a group on a day: expected, excused, here, gone
//	meeting       Sitzung             a committee meets: agenda, invitations, who comes and who stands in
//	item          Tagesordnungspunkt  what is talked about in a meeting; for all, or for members only
//	proposal      Vorschlag           what a member, or an earlier meeting, wants on an agenda
//	poll          Terminfindung       which of some times suits the members of a committee most
//	calendar      Termine             what is on, and the days on which a facility closes
//	bulletin      Rundbrief           what a parents' council writes to the parents who have agreed to hear from it
//	agreement     Zustimmung          a parent wants to hear from a council; of each council, and until withdrawn
//	handover      Übergabe            what a board leaves to the next, ticked off item by item and signed by both
//	signature     Unterschrift        of a board: the text it has signed, its hash, who and when
//	date          Termin              something that is on, once or again and again
//	instance      einzelner Termin    one time of a date: moved, cancelled and answered for itself
//	closing       Schließtag          a day of the year on which a facility is closed, known long before
//	feed          Kalender-Abo        a secret address at which a person's own devices read their dates
//	conversation  Gespräch            what a family and a team, two teams or two colleagues write to each other
//	office        Amt                 what somebody is in a committee: chair, deputy, secretary, treasurer, member, substitute
//	seat          Sitz                somebody sits in a committee, for a term
//	term          Amtszeit            for which a committee was elected
//	substitute    Ersatzmitglied      stands in for somebody, in an order
//	election      Wahl                who holds which office in a term
//	candidate     Kandidatur          somebody wants to be elected, and those who record the election may read the name
//	contact       Kontakt             somebody who sat in a committee may be asked by those who come after
//	message       Nachricht           what somebody says in a conversation
//	team          Team                who answers for a unit at the moment: its staff or its lead
//	party         Beteiligte          a team or a person that takes part in a conversation
//	rule          Antwortzeit         whether families may write to a unit's teams, and when answers are expected
//	room          Raum                where the people of some units talk to each other
//	topic         Thema               what is talked about in a room, with answers one below the other
//	post          Beitrag             what somebody wrote in a topic
//	youth         Jugend              the door of youth rooms: codes, six words, what the team notes, and being forgotten
//	alias         Name im Jugendraum  under which a young person is there; nothing else is known
//	report        Meldung             somebody says that a post breaks a law or a rule
//	oparl         Ratsinformationen   what public committees publish as OParl, and what was read in from councils
//	object        OParl-Objekt        a meeting, an item, a paper of a council as it was read in
//	link          Verweis             one object names another
//	measure       Maßnahme            what a moderator does about a post or topic, with a reason
//	floor         Plenum              a meeting as it runs: who is there, whose turn it is, who speaks, what is moved
//	motion        Antrag              what a committee is to decide, as it is worded
//	ballot        Abstimmung          a committee answers a question with yes, no or abstention: openly, secretly or on paper
//	urn           Urne                the votes of a secret ballot: neither names nor times
//	token         Stimmzettel         what a browser makes up and the house signs unseen; each counts once
//	objection     Widerspruch         what its subject says against a measure
//	resolution    Beschluss           what a committee has decided, with a number in its book
//	circular      Umlaufbeschluss     a vote between two meetings, everybody for themselves
//	decision      Entscheidung        what has just been decided and becomes a resolution
//	late          nachgetragen        a resolution that was entered by hand
//	assignment    Aufgabe             what somebody in a committee has to do, on the agenda until done
//	objection     Widerspruch         what its subject says against a measure; Einwand: what a member says against minutes
//	minutes       Protokoll           what a meeting was about and decided; approved, it never changes
//	pen           Stift               who has it writes the minutes; another takes it over
//	aside         beiseite            what was typed when another had taken the pen
//
// # Third parties
//
// Each has one owner, and a reason.
//
//	modernc.org/sqlite                base/store     the owner's choice: SQLite without cgo
//	modernc.org/libc                  base/store     must be exactly the version that sqlite wants
//	github.com/julienschmidt/httprouter base/web     the owner's choice
//	github.com/gorilla/sessions       base/web       the owner's choice: its Store interface over our table
//	github.com/klauspost/compress     base/web       gzip and zstd at a fifth of the standard library's cost
//	github.com/yuin/goldmark          base/text      the owner's choice: Markdown
//	github.com/blevesearch/bleve/v2 base/search   the owner's choice: ranking, phrases, facets; not its German (see Decisions)
//	github.com/blevesearch/bleve_index_api base/search its words for how a field is kept
//	golang.org/x/text                 base/lang      plural rules after CLDR; intake: Windows-1252 of lists; base/files: of texts; base/mail: of answers; base/bundle: of pages, and names in ZIPs; base/text: letters composed
//	github.com/google/uuid            base/org       UUIDv7 (RFC 9562); also base/person, base/files, base/committee, announcement, list, wiki, absence, calendar, message, resolution, assignment, minutes, meeting, floor, bulletin and oparl
//	github.com/wneessen/go-mail       base/mail      SMTP with STARTTLS, kept against header injection
//	github.com/linxGnu/gosmpp         base/sms       the messages of SMPP 3.4; the line they go over is ours
//	github.com/emersion/go-imap/v2    base/mail      the mailbox of returned mails
//	golang.org/x/net                  base/mail      domains with umlauts in addresses (idna); the standard library hides its own; answers in HTML; base/files, base/bundle: HTML
//	github.com/ledongthuc/pdf         base/files      text of PDFs: 2,500 lines without dependencies, kept (September 2026), BSD; in a child process only
//	github.com/go-webauthn/webauthn   feature/account passkeys
//	golang.org/x/crypto               feature/account Argon2id
//	github.com/cloudflare/circl       feature/ballot blind RSA signatures (RFC 9474) with the RFC's own vectors; kept (August 2026), and this part of it needs nothing else
//	golang.org/x/crypto               feature/account Argon2id; base/backup: SSH
//	filippo.io/age                    base/backup    backups that only paper opens; feature/backup, app: its recipients
//	github.com/pkg/sftp               base/backup    the files of another server, over x/crypto/ssh
//	github.com/minio/minio-go/v7      base/backup    S3; a cloud SDK would weigh ten times as much
//	golang.org/x/sys                  app            the lock of the data folder on Windows
//	github.com/pquerna/otp            feature/account codes of an app as second step (RFC 6238); it remembers none, we do
//	rsc.io/qr                         feature/account QR codes of letters: small, finished, no dependencies
//	github.com/alecthomas/kong        main           commands and flags
//	github.com/evanw/esbuild          assets/build   bundles CSS and scripts; not linked into the server
//	github.com/andybalholm/brotli     assets/build   compresses them; not linked into the server
//	golang.org/x/image                assets/build   draws the app's icons from icon.svg, which is not linked into the server; base/files: WebP
//	github.com/arran4/golang-ical     tests          a second reader of the calendars that we write
//	github.com/chromedp/chromedp      tests          a real browser from go test
//	github.com/chromedp/cdproto       tests          its protocol
//
// # Decisions
//
// An invitation to a meeting is one calendar entry for each reader (RFC 6047), under one UID from the first mail until it is
// called off. A change is told when those who lead say so, with a higher sequence; who was not reached meanwhile gets the
// latest only. It names its reader and the house, and nobody else: members do not learn each other's addresses.
//
// Each item of an agenda is a document of its own in the search, so that what is for members only is found by them only. An
// agenda's numbers are those of the whole, also for whoever reads only its public part.
//
// One data folder, one process: whoever holds the lock of the folder owns the database. Commands find out by trying
// the lock, never by asking whether the socket answers, since a process that is just starting has no socket yet.
//
// /strom carries no content, so a stream that outlives a right by half a second tells nobody anything. It looks again
// who it speaks to when rights have changed and with every sign of life, and ends when none are left. A page that hears
// of a change fetches itself anew: its parts are made in one place, and its rights are checked where they always are.
//
// A page carries the number of the last event from before its data were read, and its stream begins there: nothing falls
// between the two. Since nothing but "changed" is told, the hub keeps no list of events; the number of the last one for
// each unit and person is enough, and is never too old.
//
// Who holds what (view holding) is asked for a person or a unit that a statement
// knows before. Its arms have the same affinities, column by column, so that
// SQLite puts each of them into the statement itself; where the statement counts or
// groups, it cannot, and works out everybody's: 300 ms in a city. A house test
// reads the plans of all statements.
//
// What a person may see and what a person is told are two columns of the view "reach": a head sees what the city
// tells the families of her Kita (mask), but is not asked to confirm it (own).
//
// A closure keeps its facts in one row, and each change is told by a further announcement that replaces the one
// before. So a receipt always means the words that were read, and an extension is confirmed anew.
//
// The start page is made from memory: store.Keep forgets what a write has touched, table by table, and TestShelf
// compares every answer with the database's own after every kind of change. Quiet cards are kept as rendered.
//
// What may rest on a device is marked page by page, for one person, and goes with the sign-out: the worker wipes first
// and tells the house later if there is no connection, before it shows any other page. The worker writes into a kept page
// that it is kept (data-stored), and the page says of when it is in its own words: no message can come too late.
//
// The start page is shown as it was kept and looks for itself at once, but not after its reader has sent something, nor
// when it is loaded anew: then the network comes first. A way in (/anmelden, /l, /i) forgets all that was kept.
//
// What waits on a device names its person (X-Person), and the house refuses it from anybody else. It is sent exactly
// once because the house takes it once: a first receipt counts, and an announcement has its uid.
//
// That others use a device, too, is said before the sign-in, in a cookie that all ways in heed. Such a session is short.
//
// Whoever writes a form twice, because the connection broke after the deed, has written once: forms of announcements
// carry the uid of what they make.
//
// The ladder of an announcement is kept as it was when it was published: who
// changes the settings changes what comes, not what is running. Each later step is
// a task of its own, and looks who is outstanding when its time has come; what
// replaces a closure removes them. A closure of today or tomorrow breaks through
// quiet hours; steps that fall into a night for another reason wait until six.
//
// Hours may lie between the decision to tell somebody and the deed: a night, a mail
// server that is away. So who is told is looked at again, person by person, as a
// message goes; a letter that has to wait holds up no other, and a slow task none
// of another kind. The same task is never carried out twice at a time.
//
// A channel is proven by what arrives (shown, opened, reported), not by what a
// server takes. After a refusal a taken mail proves nothing for two days, in which
// it comes back if it does.
//
// Coverage reads announcements, receipts, calls and deliveries in one statement.
// So what sends them stays in feature/announcement, which is larger than it should
// be; what could be taken out without a second truth is in base/channel, base/push
// and base/sms.
//
// A file is a row and, under the SHA-256 of its content, what lies in the data
// folder once for all rows. Content first, then its name, then the row: a crash
// leaves content without a row, which a sweep removes, and never a row without
// content. What comes from outside is read in a child process of the same program,
// with limits: the libraries for PDFs and pictures may loop, panic or want all
// memory. It writes as it reads, so that what is ended later is found by its
// first pages.
//
// A photo is made anew, since removing what betrays a place leaves what nobody
// knew of. Files go up with the form and belong to nobody but their author until
// it is published; a browser cannot keep them in a form that is shown again. They
// do not wait in the outbox of a device. Who may see a file is what the feature
// says that attached it, each time anew, also to who has put it there.
//
// Pages are read in by groups of a hundred, not in one transaction: nobody else
// could write while twenty thousand are made. So an import that breaks off has
// left whole pages, and the same once more does the rest: a page is known again by
// its uid, by where it came from or by its title. It then gets a revision, if its
// source has changed since it was read in last; who reads it and where it stands
// is decided in the house. An export holds what its reader may read, as released.
//
// The record (base/audit) takes the address from the context of the transaction, where web puts it: no feature has to know.
// It is a table of ids without references, so forgetting somebody doesn't touch it, and ids of people and children are never
// given again. Who comes to a youth room or votes in secret leaves no address. A page that is looked at writes nothing, so
// reading leaves no row; taking things along and signing in does.
//
// A backup is encrypted to keys that are only on paper, so the house cannot read it; nor could it prove that it comes back.
// So each run adds a key of its own, in memory, fetches what it has sent and compares it, and forgets the key. Snapshots by
// the hour, not a stream of changes: Litestream since 0.5 does not encrypt what it sends, and calls its library unstable.
//
// Web Push is our own code: it costs 1.4 times the one exchange of keys that each
// browser needs, and every message has the same length. Push services stand in a
// list of the program, the address of each connection is checked as it is made,
// and nothing goes through a proxy, which would connect in our place. The key is
// made by the house; a restore without the key file makes another, and ends all
// subscriptions. A browser has one subscription for each sign-in and loses it with
// that, also when somebody signs in anew; the page then subscribes again.
//
// An SMS costs money and cannot be taken back. It is claimed as a row before it
// goes, so that the limit of a day is exact and a repeated task sends nothing
// twice. When a line breaks before the answer, it waits a quarter of an hour for
// a report and then goes again: twice is better than never.
//
// A sign-in link that is opened elsewhere asks for the code of the browser that
// asked, and signs in the browser in hand. The other way round, a phisher who
// has somebody type a code would be let in. A link that adds an address to an
// account stays in its browser: else it would lead its reader into that account.
//
// Being let in needs a letter: a mail address from a carrier's list opens
// nothing, since nobody has proved who reads it.
//
// A second step is asked for after a password only. A passkey has two in itself,
// and a link by mail is as safe as the mailbox. The team has two weeks from the
// first sign-in by password, since a closure at six in the morning cannot wait
// for an app; then other ways lead in, and where there is none the second step
// is set up on the way, so that nobody is locked out.
//
// Sessions of the team end after half an hour, those of operators after a
// quarter, by the roles of the moment. What makes it bearable is that drafts
// survive: only signing out clears them. The minute of the last use is kept in
// memory, the table has the hour; a restart may lengthen a session by an hour.
//
// Who reads a conversation is a view (message_seat): teams are who holds the roles
// now, so that nobody has to be added or taken out, and guardians while their child
// is with the unit: a right that ends takes everything along, and the copy of one's
// data has what was said. Two guardians have two conversations, since parents may
// live apart. A child that is forgotten takes the conversations about it along.
//
// A conversation opens where its reader has stopped. The address then keeps that
// place (?ab=), since the mark moves on as soon as the page is on the screen, and
// a page that fetches itself anew would run away. The list counts to a hundred.
//
// An answer by mail counts from an address of the person that the mail went to,
// and with the token of that mail: one alone can be forged or passed on. What is
// refused is told to whom it came from, with nothing of what is in the house.
//
// The link in a mail is an HMAC under a seed of the announcement: a hundred thousand mails need no row each.
//
// Who is absent is a view of the kernel, "excused", with the days and nothing else. So coverage leaves a child out that
// would not have come on any day of a closure, and knows neither reasons nor who writes them down. Nothing of absences is
// in the search index: they are health data, and nobody has to search for them.
//
// The list of a day is a record of deeds, not a state: two tablets without a connection are joined by the time of each
// deed, the last one decides and both stay. A deed that has waited says for how long (X-Waited), since clocks of devices
// are wrong. An undo names the deed that it takes back, and may arrive before it. The list rests on a device for a day at
// most, since it names children of other families.
//
// Numbers of absences are counted each night and have no names, so that reasons may be forgotten after a year. Whoever
// may not know names sees no number from one to four, and sums are made of what is shown.
//
// The search index is a cache beside the database. What has changed is a row of search_change, and the index keeps the
// number of the last one together with its documents; who writes never waits for it, and nobody backs it up. A damaged
// file is an error of one search: the next ones ask the tables, and the index is made anew. A truncated segment can still
// end the process, since Bleve reads in goroutines of its own; after that all checksums are compared before it is opened.
//
// What a search may find is decided twice: in the index by marks that name what a viewer holds and what lies above that,
// a dozen words however large the city is; and by the feature, for each hit that is shown. Counts come from the index,
// with the roles of the moment, and are left out while documents wait to be read again.
//
// A page has to be read by those who belong to its unit or below it, not by all who may: a carrier is not asked for the
// hygiene plan of each Kita. A confirmation names the revision that was on the screen, also when it comes late. Names
// are seen as elsewhere: families by their head, the team by its carrier, too.
//
// Releasing needs somebody else who leads the archive; of a committee any other member, since there nobody stands above
// another. Who is nearest is told, not everybody above. A template has no shown revision, so that whatever asks what
// readers see leaves it out by itself.
//
// A file is found by whom and where what it is attached to is found: its feature is asked, and reads it anew with that. Of
// a page only those files that the text shown to readers names, so that a draft's plan is as secret as the draft.
//
// Markdown is a language in which a page of brackets takes minutes to read, and a table of short rows all memory: the work
// grows with the square. What has too much of that shows as its source, wherever it comes from; whoever saves it is told.
//
// A series of dates is worked out when it is saved, a row for each time: each can be moved, cancelled and answered for
// itself, and no page calculates. So every series ends, after three years at the latest. Rules are our own code: the
// library that was thought of (teambition/rrule-go, last released in January 2023) gets 23 of libical's 146 wrong.
//
// School holidays come from a file that the operator reads in, with the words in which its source wants to be named;
// public holidays are computed.
//
// A calendar that somebody has subscribed to is read with the roles of the moment, and has each time of a series for
// itself: what programs make of rules with exceptions differs.
//
// Places of a list go in the order in which the one writer sees those who ask; so
// nothing is locked, and nobody can be overtaken. Who waits moves up at once, and a
// place that is offered to others goes to who waits first. Open pages of other
// parents do not look again when somebody enters: when a list opens, a hundred do so
// within a minute. Whoever is too late is told, and waits.
//
// A parents' council makes lists for its facility, and reads who stands on these,
// which each list says before one enters; of the team's lists it sees numbers.
//
// Own places on lists are dates in the calendar of whoever holds them, and name no child: the address of a feed may become
// known. Lists and answers end by themselves, months after anything last happened on a list or the deadline of a slip; what
// was asked stays with its announcement.
//
// What an announcement asks (slip) is attached as it is published, in the same
// transaction, and never changes, so that an answer always means the question that
// was read. An answer confirms the announcement, and so counts in the coverage;
// a confirmation answers nothing. Closures ask nothing: for them there are the
// places of emergency care.
//
// A council's bulletin goes to who has agreed, council by council; the agreement is an object with the text it means, so that
// it can be proved. The house claims each letter before it goes: twice would be worse than never, since all of them stand in
// the house anyway. Numbers from one to four are hidden from the council, and a sum that would tell them is "at least". What
// is reported is looked at by the office or the operators, and not by who runs the Kita: a council also speaks against them.
//
// What a board leaves (house.Legacy) each feature says with the rights of whoever asks; a handover freezes titles and notes, not
// the things. So the coming board reads the record from its election on, and what lies behind it from midnight on, by its
// term. Each item is ticked by a statement of its own. What is signed is a text in one way only that names nobody: its hash
// holds when somebody is forgotten.
//
// XLSX is written by our own code, 200 lines: a library would bring formulas, which
// must not be in there, and would be a third party for one page of XML.
//
// Words are analysed by our own code: Bleve's German finds 8 of 100 compounds by a part. Parts are indexed and never
// searched for, so that "Kinderbetreuung" does not find every "Kinder". Words that mean the same (Protokoll,
// Niederschrift) are not known to be so.
//
// A picture in a page is a file of this house and nothing else: one from elsewhere would tell others who reads the page.
// A file belongs to the page as long as that exists, since older revisions show it; what is listed below a page belongs
// to the revision, and is released, compared and restored with it. What must not be seen any more is removed for good,
// by hand. Files of public pages are open to all, and no feature but the owner of a file knows that.
//
// What is read in as OParl is kept object by object as it came and belongs to its source; a meeting holds its items and
// files as its source wrote them there, and each of these is an object of its own as well, as the standard wants it. Given
// out again, only addresses change, and "modified", which is when the house has read it: by that others follow. What the
// source said stands beside it ("nestfunk:modified"). References are resolved when somebody asks, so that files may be read
// in any order. JSON is read by our own code: the standard library forgets the order of properties and reads as deep as ten
// thousand levels.
//
// Pages of a list of the interface begin after an object, not at a number, and nothing that comes or goes moves them. Of
// people it names those who lead a public committee, as long as they do.
//
// Who is in a room follows from roles, as with announcements; who has read it does not: a person counts as inside
// once the netiquette is accepted, and is told of nothing before. Only who has written can be addressed, since
// whoever reads along is nobody's business. Who has reported a post is told to nobody.
//
// A young person is a person whose only name is an alias, with the role of youth at a facility that gives nothing but
// rooms: it is no part of who.SignedIn, which means a name, and who.Present is anybody behind a session. Back in lead six
// words, of which the house keeps the hash. What was said in a youth room is not found by the search, goes into no mail,
// and is gone after 90 days; so is the account, when nobody has been there for as long.
//
// How young people come in and go (youth) and what is said (room) are two features: a room reads the alias of who writes
// in its joins, as it reads the names of others, and the door gets what it needs of rooms as functions.
//
// The house says "du" to young people by a language of its own, de-x-du, which holds the German sentences that are said
// otherwise and that nobody chooses. So pages are written once, and a test reads theirs for a "Sie".
//
// The title of a topic is among the words of its first post: readers have it by the view room_heading, and lose it with
// them.
//
// A page that is begun with a post is made by the wiki, which asks the room for the words and tells it the page
// (house.Passage): both links are checked each time, and neither feature knows the other.
//
// The editor gets HTML from the house and writes Markdown: one reader of Markdown, on one side. It writes only when
// something has changed, so that a page that was opened and saved is the same to the letter. A draft keeps the revision it
// began from: restored after somebody else has saved, it is merged, and overwrites nothing.
//
// A secret vote is one signature for each person and one vote for each token, and the two meet nowhere (feature/ballot says
// what that protects from). So much else must keep quiet: the urn has no times, its route no line in the log (web.Quiet), a vote is
// told to no open page, and the browser asks for nothing after it. Blinding is our own script, 90 lines of BigInt checked with
// the vectors of RFC 9474; the house signs with circl. The key has 2048 bits, since it counts for the days of a vote, and
// what hides a choice does not rest on its size.
//
// An open vote tells those who lead with each vote, and all others when everybody has voted or it ends: a thousand pages
// that look again with each of a thousand votes would be a million looks.
//
// What only those who write need, scripts and styles, is no part of what others load: the first page has 100 KB. Signs of
// the editor that are letters save their drawings for the same reason, and German programs have them so.
//
// An election writes into memberships when the old board ends and the new one begins, and rights pass by that alone: no
// job has to run at midnight. Memberships last as many months longer than their term as the rules of the committee let a
// board go on kommissarisch; whoever asks for the term sees that it is over. What an election changes is remembered, and
// taken back as long as its term has not begun.
//
// Nobody is chosen from a list of families. Whoever wants to be elected says so and is then on the list of the form; all
// others are written down by name and get a letter, which joins them with the account that they may have.
//
// The board of a committee is a team of feature/message, so the inbox of the office stays when the people change. No rule
// from above holds for it: a head who takes no messages of families does not close the council's door.
// A resolution gets its number in the transaction that decides, from the one writer: no gap, no number twice. What was
// entered by hand may be struck and leaves its number; what the house has counted is only ever replaced. So a resolution
// has no editor, and names nobody: it is the committee's.
// Who has taken on a task owns it while they sit in the committee: that is asked when it is read. So no job takes tasks
// away at midnight, and who is elected again goes on.
// Minutes have one writer at a time: two at once would have to be merged sentence by sentence, while the meeting goes on.
// Taking the pen over changes its number, which each form carries: what comes with an older one is kept aside. A form also
// has a name and counts what it sends, so that a lost answer is no conflict and an overtaken request no loss. Facts are asked
// from the meeting until the minutes are sent; a revision holds all, and none ever changes. Approval fixes the one that was
// sent last, and triggers refuse the rest. Its content is read only if it is, to the byte, what would be written: so the
// hash of a text that people can read covers every byte of the database that says what was decided. The public version has
// a hash of its own, since its readers cannot count the other.
package app
