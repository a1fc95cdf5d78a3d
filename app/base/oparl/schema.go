package oparl

import (
	"strings"
	"sync"
)

// table is the specification's own schema (https://schema.oparl.org/1.1/), one line a type: name and form of each
// property. A test compares the two.
//
//	text whole truth object   a string, an integer, a boolean, any object
//	url date moment           strings of a form
//	*Type                     the address of an object
//	@Type                     the address of a list of objects
//	{Type}                    an object within this one
//	[…]                       a list of these
//	!                         it must not be missing
const table = `
* id! url, type! text, license text, keyword [text], created moment, modified moment, web url, deleted truth
System oparlVersion! text, otherOparlVersions [*System], license url, body! @Body, name text, contactEmail text, contactName text, website url, vendor url, product url
Body system *System, shortName text, name! text, website url, license url, licenseValidSince moment, oparlSince moment, ags text, rgs text, equivalent [url], contactEmail text, contactName text, organization! @Organization, person! @Person, meeting! @Meeting, paper! @Paper, legislativeTerm! [{LegislativeTerm}], agendaItem @AgendaItem, consultation @Consultation, file @File, locationList @Location, legislativeTermList @LegislativeTerm, membership @Membership, classification text, location {Location}, mainOrganization *Organization
LegislativeTerm body *Body, name text, startDate date, endDate date
Organization body *Body, name text, membership [*Membership], meeting @Meeting, consultation @Consultation, shortName text, post [text], subOrganizationOf *Organization, organizationType text, classification text, startDate date, endDate date, website url, location {Location}, externalBody *Body, memberCount whole, votingMemberCount whole
Person body *Body, name text, familyName text, givenName text, formOfAddress text, affix text, title [text], gender text, phone [text], email [text], location *Location, locationObject {Location}, status [text], membership [{Membership}], image {File}, life text, lifeSource text
Membership person *Person, organization *Organization, role text, votingRight truth, startDate date, endDate date, onBehalfOf *Organization
Meeting name text, meetingState text, cancelled truth, start moment, end moment, location {Location}, organization [*Organization], participant [*Person], invitation {File}, resultsProtocol {File}, verbatimProtocol {File}, auxiliaryFile [{File}], agendaItem [{AgendaItem}]
AgendaItem meeting *Meeting, number text, order! whole, name text, public truth, consultation *Consultation, result text, resolutionText text, resolutionFile {File}, auxiliaryFile [{File}], start moment, end moment
Paper body *Body, name text, reference text, date date, paperType text, relatedPaper [*Paper], superordinatedPaper [*Paper], subordinatedPaper [*Paper], mainFile {File}, auxiliaryFile [{File}], location [{Location}], originatorPerson [*Person], underDirectionOf [*Organization], originatorOrganization [*Organization], consultation [{Consultation}]
Consultation paper *Paper, agendaItem *AgendaItem, meeting *Meeting, organization [*Organization], authoritative truth, role text
File name text, fileName text, mimeType text, date date, size whole, sha1Checksum text, sha512Checksum text, text text, accessUrl! url, downloadUrl url, externalServiceUrl url, masterFile *File, derivativeFile [*File], fileLicense url, meeting [*Meeting], agendaItem [*AgendaItem], person *Person, paper [*Paper]
Location description text, geojson object, streetAddress text, room text, postalCode text, subLocality text, locality text, bodies [*Body], organizations [*Organization], persons [*Person], meetings [*Meeting], papers [*Paper]
`

// A Form is what a value has to be.
type Form string

// Forms. A reference, a list of objects elsewhere and an object within another have a Type, too.
const (
	text   Form = "text"
	whole  Form = "whole"
	truth  Form = "truth"
	object Form = "object"
	url    Form = "url"
	date   Form = "date"
	moment Form = "moment"
	Ref    Form = "*" // the address of an object
	List   Form = "@" // the address of a list
	Within Form = "{" // an object within
)

// A Property is one that a type of objects may have.
type Property struct {
	Name     string
	Form     Form
	Many     bool // a list of these
	Required bool
	Type     Type // of Ref, List and Within; else ""
}

// Properties lists what the objects of a type may have, besides what other programs add.
func Properties(t Type) []Property { return schema()[t].all }

// PropertyOf finds a property of a type.
func PropertyOf(t Type, name string) (Property, bool) {
	p, ok := schema()[t].named[name]
	return p, ok
}

type shape struct {
	all   []Property
	named map[string]Property
}

var schema = sync.OnceValue(func() map[Type]shape {
	all := map[Type]shape{}
	var common []Property
	for line := range strings.Lines(strings.TrimSpace(table)) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		var list []Property
		for part := range strings.SplitSeq(rest, ", ") {
			list = append(list, property(part))
		}
		if name == "*" {
			common = list
			continue
		}
		s := shape{named: map[string]Property{}}
		for _, p := range append(append([]Property{}, common...), list...) {
			if _, twice := s.named[p.Name]; !twice {
				s.all = append(s.all, p)
			}
			s.named[p.Name] = p // a type may be stricter than the others
		}
		for i, p := range s.all {
			s.all[i] = s.named[p.Name]
		}
		all[Type(name)] = s
	}
	return all
})

// property reads one of the table.
func property(s string) (p Property) {
	name, form, _ := strings.Cut(s, " ")
	p.Name, p.Required = strings.CutSuffix(name, "!")
	if in, ok := strings.CutPrefix(form, "["); ok {
		p.Many, form = true, strings.TrimSuffix(in, "]")
	}
	switch first := Form(form[:1]); first {
	case Ref, List, Within:
		p.Form, p.Type = first, Type(strings.Trim(form, "*@{}"))
	default:
		p.Form = Form(form)
	}
	return p
}
