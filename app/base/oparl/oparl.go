// Package oparl knows OParl 1.1, the standard for what councils publish (https://oparl.org): its types of objects, what
// properties they have, and how they are read and written as JSON.
//
// An object keeps all its properties, in their order and as they were written, also those of other programs ("vendor:…"):
// what goes through this package loses nothing.
package oparl

import (
	"strings"
	"time"

	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
)

// Namespace begins the type of every object.
const Namespace = "https://schema.oparl.org/1.1/"

// oldNamespace is of OParl 1.0, whose objects have the same properties.
const oldNamespace = "https://schema.oparl.org/1.0/"

// A Type is what an object is, without its namespace.
type Type string

// Types.
const (
	System          Type = "System"
	Body            Type = "Body"
	LegislativeTerm Type = "LegislativeTerm"
	Organization    Type = "Organization"
	Person          Type = "Person"
	Membership      Type = "Membership"
	Meeting         Type = "Meeting"
	AgendaItem      Type = "AgendaItem"
	Paper           Type = "Paper"
	Consultation    Type = "Consultation"
	File            Type = "File"
	Location        Type = "Location"
)

// Types are all, as the specification lists them.
func Types() []Type {
	return []Type{System, Body, LegislativeTerm, Organization, Person, Membership, Meeting, AgendaItem, Paper, Consultation, File, Location}
}

// URL is the type as an object names it.
func (t Type) URL() string { return Namespace + string(t) }

// Path is the part of an address that says the type: "agendaItem".
func (t Type) Path() string { return strings.ToLower(string(t[:1])) + string(t[1:]) }

// TypeOf is the type that an object of OParl 1.1 or 1.0 names; "" for anything else.
func TypeOf(url string) Type {
	name, ok := strings.CutPrefix(url, Namespace)
	if !ok {
		if name, ok = strings.CutPrefix(url, oldNamespace); !ok {
			return ""
		}
	}
	return TypeAt(strings.ToLower(name[:min(1, len(name))]) + name[min(1, len(name)):])
}

// TypeAt is the type whose Path it is; "" for none.
func TypeAt(path string) Type {
	for _, t := range Types() {
		if t.Path() == path {
			return t
		}
	}
	return ""
}

// Addresses make the addresses of objects; it is that of the interface itself, without a slash at its end.
type Addresses string

// Of is the address of an object, and its id.
func (a Addresses) Of(t Type, uid string) string { return string(a) + "/" + t.Path() + "/" + uid }

// An Item is an object that this house publishes.
type Item struct {
	UID      string // of all objects of its type
	Created  time.Time
	Modified time.Time
	Deleted  bool   // it is no longer published: nothing but what stands above is told
	Object   Object // what else there is to say; without id, type, created, modified and deleted
}

// Object is an item as it is written, also within another.
func (a Addresses) Object(t Type, x Item) Object {
	o := Object{{"id", a.Of(t, x.UID)}, {"type", t.URL()}}
	if !x.Deleted {
		o = append(o, x.Object...)
	}
	o = append(o, Field{"created", Moment(x.Created)}, Field{"modified", Moment(x.Modified)})
	if x.Deleted {
		o = append(o, Field{"deleted", true})
	}
	return o
}

// A Source is what a feature publishes of one type: only what everybody may read (committee.Open), of committees that
// are public. Whoever gives it out remembers what it was, and tells those who follow of what has changed or is gone.
type Source struct {
	Type   Type
	Tables []string // from which it is read: what else changes, changes nothing of it
	// List lists what is published now below a city, which is a unit, in any order.
	List func(tx *store.Tx, a Addresses, city int64) ([]Item, error)
	// Open finds the content of a file; nil for all types but File, whose addresses are Access and Download. NotFound for
	// what is not published.
	Open func(tx *store.Tx, uid string) (files.File, error)
}

// Access is the address (accessUrl) at which a browser shows a file of the house.
func (a Addresses) Access(uid string) string { return a.Of(File, uid) + "/access" }

// Download is the address (downloadUrl) at which a file of the house is saved.
func (a Addresses) Download(uid string) string { return a.Of(File, uid) + "/download" }
