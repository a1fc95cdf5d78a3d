// Package app puts the house together and runs it.
//
//	app.go       open, build, serve, stop
//	features.go  the list of features, and the few wires between them
//	frame.go     who asks, and what stands around every page
//	stream.go    /strom: open pages hear that something has changed
//	folder.go    the data folder and its lock
//	control.go   the socket through which commands reach a house that is being served
//	command.go   import and link
//	trouble.go   what goes on on a disk that is full or broken
//	doctor.go    is the house well? support.go: what whoever helps may read
//	install.go   a systemd unit and a user on Debian
//	crowd.go     connections, so that the house keeps files for itself
//	pages.go     import of pages; oparl.go: of a council's papers
//	run.go       serve and demo; help.go: what their commands say; hidden.go: the child process that reads files
//	backup.go    backup and restore
//	committees.go the features of committees, and their wires
//	lock_*.go, limit_*.go what differs between systems
//	demo/        the town of "nestfunk demo"
//	base/        the kernel; knows no feature
//	feature/     one folder is one feature; none knows another
//	columns.txt  every column of the schema that somebody has looked at
//	rights.txt   who may do what, where: written by hand, for whoever has to answer for it, and compared with the house by a test
//	mutants.txt  what looks like a check of rights and is none: for the run that takes each out
//	apptest/     a test house
//
// # Map of base
//
//	fault     an error that a person may read; every other error is internal
//	who       viewer, roles, rights: the zero right lets nobody in
//	front     the front door: addresses, TLS, and whose word counts about who asks
//	store     transactions on SQLite; one writer that commits in groups
//	web       routes, pages, forms, sessions, limits
//	house     what a feature is given and what it gives
//	org       units, memberships, and the views "holding" and "reach"
//	person    people, children, guardians
//	hold      what must not go (legal hold), and what must not be used
//	committee seats, rules and terms of committees
//	calendar  how dates come back, public holidays, and iCalendar
//	search    the index of everything, its words and who may find what
//	task      the outbox: a side effect is a row
//	channel   how people can be reached: wishes, proofs, ladders
//	push      Web Push: notifications while no page is open
//	dial      connections to addresses that somebody has named
//	oidc      asks a provider who somebody is (OpenID Connect)
//	notice    tells one person one thing: on their devices, else by mail
//	catalogue which personal data there are, what for and on what law: the entries of schema.sql
//	law       the data protection law that a house is under: public, Catholic, Protestant
//	retention for how long everything is kept, and what went
//	live      tells open pages that something changed; carries no content
//	mail      SMTP, and mails that came back
//	sms       seven.io and SMPP, and what they report
//	files     what people put into the house; read in a child process
//	clock     whether the clock of the machine can be believed
//	disk      whether the disk takes what is written, and what is kept in reserve
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
//	provider      Anbieter            somebody else who says who a person is: a city, for its staff
//	identity      Konto an anderer Stelle whom a provider means, linked to a person by that person alone
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
//	hold          Vermerk             data of somebody must not go (legal hold), or must not be used (restriction)
//	held          gesperrt            whose data must not go: children, people, units
//	request       Verlangen           somebody is to be forgotten; one checks it, another confirms
//	incident      Vorfall             data may have come into wrong hands; as long as one runs, the record is frozen
//	frozen        eingefroren         nothing of the record may go
//	paper         Vorlage             a paper of data protection, with what the house knows of itself filled in
//	consent       Einwilligung        a family says yes or no to a purpose, until the end of the Kita year or withdrawn
//	purpose       Zweck               what a unit asks families to agree to, with versions of its text
//	privacy       Auskunft            what the house knows of somebody, and how it forgets
//	catalogue     Verzeichnis         which data, why, for how long: the record of processing, and the notice made of it
//	edition       Fassung             what the privacy notice said from a day on
//	retention     Aufbewahrung        for how long something is kept, and what went when that was over
//	class         Löschklasse         a reason to let something go, with its period
//	audit         Protokollierung     who did what, when and from where, for those who answer for it
//	checkup       Prüfung             looks whether the house can do its work
//	tablet        Gruppentablet       a device that the team of a group shares
//	factor        zweiter Faktor      a passkey or an app's codes, beside mailbox and password
//	proof         Nachweis            somebody shows once more who it is, before what matters
//	backup        Sicherung           copies of the house elsewhere
//	barrier       Barriere melden     what somebody could not use, and the answer that the law wants
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
//	github.com/klauspost/compress     base/web       gzip and zstd at a fifth of the standard library's cost; base/backup: zstd
//	github.com/yuin/goldmark          base/text      the owner's choice: Markdown
//	github.com/blevesearch/bleve/v2 base/search   the owner's choice: ranking, phrases, facets; not its German (see Decisions)
//	github.com/blevesearch/bleve_index_api base/search its words for how a field is kept
//	github.com/blevesearch/zapx/v17   base/search    Bleve's own files, read into memory rather than mapped
//	github.com/blevesearch/scorch_segment_api/v2 base/search the words in which Bleve asks for them
//	github.com/RoaringBitmap/roaring/v2 base/search  the type of one argument there
//	golang.org/x/text                 base/lang      plural rules after CLDR; intake: Windows-1252 of lists; base/files: of texts; base/mail: of answers; base/bundle: of pages, and names in ZIPs; base/text: letters composed
//	github.com/google/uuid            base/org       UUIDv7 (RFC 9562); also base/person, base/files, base/committee, announcement, list, wiki, absence, tablet, calendar, message, resolution, assignment, minutes, meeting, floor, bulletin, consent, oparl and barrier
//	github.com/wneessen/go-mail       base/mail      SMTP with STARTTLS, kept against header injection
//	github.com/linxGnu/gosmpp         base/sms       the messages of SMPP 3.4; the line they go over is ours
//	github.com/emersion/go-imap/v2    base/mail      the mailbox of returned mails
//	golang.org/x/net                  base/mail      domains with umlauts in addresses (idna); the standard library hides its own; answers in HTML; base/files, base/bundle: HTML
//	github.com/ledongthuc/pdf         base/files      text of PDFs: 2,500 lines without dependencies, kept (September 2026), BSD; in a child process only
//	github.com/go-webauthn/webauthn   feature/account passkeys
//	github.com/cloudflare/circl       feature/ballot blind RSA signatures (RFC 9474) with the RFC's own vectors; kept (August 2026), and this part of it needs nothing else
//	golang.org/x/crypto               feature/account Argon2id; base/backup: SSH
//	github.com/caddyserver/certmagic  base/front     certificates by ACME, kept and renewed; 2.9 MB of the program
//	go.uber.org/zap                   base/front     only to have certmagic be silent: what matters comes as events
//	filippo.io/age                    base/backup    backups that only paper opens
//	github.com/pkg/sftp               base/backup    the files of another server, over x/crypto/ssh
//	github.com/minio/minio-go/v7      base/backup    S3; a cloud SDK would weigh ten times as much
//	golang.org/x/sys                  app            the lock of the data folder on Windows; base/store: reads from the disk, not from memory; base/clock: asks the kernel
//	github.com/coreos/go-oidc/v3      base/oidc      OpenID Connect: discovery, keys and their rotation, tokens; brings only go-jose
//	golang.org/x/oauth2               base/oidc      the code flow with PKCE, which go-oidc builds on
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
// Who encrypts is said in one of three ways (--acme, --cert and --key, --proxy), and nothing stands for all: a house
// that guesses is one day reached in the clear, or believes anybody about where they come from. Of proxies only those
// that are named are believed, and of what they say only the last word that none of them has added; the headers are
// then taken away, so that nothing behind base/front reads them. A program on this machine that passes on for somebody
// else does not count as this machine. An expired certificate starts all the same: mails and backups go on.
//
// A letter opens the access it was printed for, and whoever holds it may be somebody else. So it adds nothing to another
// access once its own is in use, ends with what its author may still give, and ends the other letters for the same place; and
// a role keeps its second factor while it is suspended or has not begun. What takes two people takes two whom the house has
// known for a week (audit.Seasoned), so that one cannot have made up the other.
//
// A new house asks its three questions behind the first link, and the answers, the end of that link and the opening are
// one transaction. Where it listens must be known before there is a database, so the answer about the address changes
// nothing by itself: it is kept, and the page Betrieb names the command that makes it true.
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
// Under too much load the house answers as many as it can, and the others at once with 503 (base/web, gate.go): places for
// requests in work, a queue that is patient in a burst and hasty when it stands, the newest first then. A bucket for each
// address or session would shut out a town hall behind one address, or be too large to help; so the address only decides who
// goes first. Since whether a session is real costs what there is too little of, a cookie counts as one there. A stream is
// never refused: a browser would not come back to it.
//
// Requests have no place while they wait for their client. So the times for slow clients are about memory and connections
// only, and may be long enough for a telephone in a train.
//
// Whether the house is quick depends on what else a machine does: tests of load say how much of it others used, and judge
// times only when that was little.
//
// Periods of keeping stand in one table (base/retention), by classes that schema.sql names for every column.
// What deletes by age asks it, and the pages that promise something read it. A
// house test seeds each class on both sides of its period.
//
// Who is deleted is gone from the bytes, too: SQLite overwrites what it deletes,
// each night its log is emptied, and the search index, which keeps the words of
// deleted documents until it happens to join its parts, is made anew in a night
// after anything went. A test fills every form with words of its own and looks
// for them in every byte of the folder.
//
// The record of processing and the privacy notice are generated, since what
// somebody has to write a second time is wrong after the next change. What only
// the operator knows are settings; until then the pages say that it is missing.
//
// Nobody forgets anybody alone (feature/privacy). The dry run is the erasure itself, counted table by table and taken
// back by an error, so that it cannot say something else than what happens. Two people confirm, whatever their rank. A
// legal hold is a view that whoever deletes by age leaves out (held_child, held_person); restriction is a mark that views of
// the team heed. An incident freezes the record by the view frozen: the kernel asks, and does not know what an incident is.
//
// Whether a consent holds is worked out when it is asked, from answers that are only ever added: so a withdrawal needs no
// job and has no delay. A no of one custodian outweighs the yes of another.
//
// A child's export does not hold what is said about the child in conversations, since one custodian would read the other's.
//
// A backup is encrypted to keys that are only on paper, so the house cannot read it; nor could it prove that it comes back.
// So each run adds a key of its own, in memory, fetches what it has sent and compares it, and forgets the key. Snapshots by
// the hour, not a stream of changes: Litestream since 0.5 does not encrypt what it sends, and calls its library unstable.
// What a file is called in a target depends on who can open it, so that a new custodian can open the old ones, too: they are
// sent anew. What has rotted is named when a house is restored, and holds up nothing else.
//
// The writer copies SQLite's log into the file itself: SQLite does so by itself and says nothing of a sync that failed, and
// then overwrites what is nowhere else. A sync that failed ends all writing and then the house, since a second one says yes
// to what is lost; opening it copies and syncs what the log has. Where nothing can be written at all it goes on to be read.
//
// SQLite keeps no checksums, so the writer does, page by page as it copies them. They prove nothing against somebody who
// wants to deceive. What lies in the log and what another program writes while the house is closed they cannot tell:
// that is damage, too, and an operator may say that it is none. No backup is made of damage.
//
// On a full disk only what is named in trouble.go is written, into the room of a reserve. What works by itself
// (tasks, the search) goes on until that is used up: a mail that was sent has to be noted, or it goes twice.
//
// What goes by age stands still after a leap of the clock of more than a day, also when the house was off for as long,
// unless the kernel says that it follows a time server.
//
// Faults are tried out by tests of their own (TestFault…, TestKill…, TestLoad…): few by themselves, many with
//
//	.ci/figures kill fault crowd plants
//
// whose last part builds programs with planted defects and demands that each is found (TestFaultPlanted has the list). They
// need root, strace and xfsprogs; what a machine cannot do is skipped and counted.
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
// Whoever holds a role of the team shows a second factor after a link or a
// password; a passkey has two in itself. Until then a session is half a session
// (who.Half), a role that no route names but those of the second factor: so no
// feature has to know, and what is forgotten is closed. Nobody is let in for a
// while from the first sign-in on; the operator gives those who are there some
// days. The console leads past a lost factor, since it leads to the database, too.
//
// A fresh proof is a property of the route (web.Proved), and the form that was
// sent comes back sealed with it: nothing is lost, nothing is kept in the house,
// and a secret that was typed stands on no page. What a mailbox proves is never
// a proof for whoever has set up more. The session gets a new id in place, so
// that what hangs on it stays.
//
// A tablet that a group shares is a viewer of its own (house.Feature.Viewer),
// with one role (who.Tablet) and no session; it wins over one in the same
// browser. Who is at it is known in memory only: a restart locks it. Its cookie
// is a secret of the browser; a key that no script can read out would have to
// sign each request in a script, and pages would need that script.
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
// number of the last one together with its documents; who writes never waits for it, and nobody backs it up. Segments
// are read into memory, whole, and compared with their checksums: Bleve would map them, and a mapped file that is cut off
// ends the process, since Bleve reads in goroutines of its own. It costs as much memory as the index has files, and makes
// one process enough. What of Bleve's is still mapped (root.bolt) is read by one goroutine, in which a fault is a panic. The
// lengths of all files are looked at with each change and every five seconds; if one is wrong, searches ask the tables, and
// the index is made anew. The doctor compares the names of all documents in the index with those in the database.
//
// Rights are written down three times: at the routes, as a table of routes and roles (house_rights_test.go), and by hand as
// rights.txt, in German and by places. None is made from another. Whether anybody would notice that a check is missing is
// tried by taking each out: go test -tags mutation -run Mutation -timeout 6h -v ./app. All checks get a switch in one build,
// and each is tried with just the requests that come by it, then with the tests of its package, then with the stories of the
// house; a build for each would take days. mutants.txt names what looks like a check and only saves work.
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
//
// An upgrade copies columns of the same name into tables made from the next release's own schema.sql; a step of SQL says
// only what that cannot know. So the shape is equal to the letter, and there is no second place where a table is declared.
// All releases are passed through in one transaction, which a tool for migrations (goose) does not offer: it commits each.
// A release is frozen by copying schema.sql to app/base/store/release/N/schema.sql, counting store.Release up, and keeping the
// demonstration's database as app/base/store/testdata/release-N.db.zst with its key.
//
// A provider of sign-ins (OpenID Connect) says who somebody is and nothing else: the key is its own id of the person (iss,
// sub), never an address of mail, and roles stay with the house. Nobody is linked but by themselves, signed in and with a
// proof. Where the provider sends the browser back, a page with one button comes first, since looking at a page changes
// nothing; a script presses it. A sign-in there from this morning is no proof of who sits here now: only the provider's
// own auth_time counts, since a browser can be made to leave "prompt=login" out. A form may not lead to another house
// (form-action, which Chromium checks along all redirects), so one goes to a provider by a link.
//
// Whoever names an address has the house connect to it only through base/dial, which looks at the address of the very
// connection: strangers reach the public internet, an operator's provider besides what networks the operator has named,
// and an operator's own servers (mail, SMS, backups) all that a server can be at, but no link-local address.
//
// A limit of tries for an address would let a stranger keep its owner out. So a browser in which the address has signed in
// before has a mark (a keyed hash of the address, nothing else), and its tries are counted for themselves: the stranger has
// the same few as ever, and the owner does not notice. Who comes by a new browser meanwhile waits, or uses a passkey.
package app
