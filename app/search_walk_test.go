package app_test

import "testing"

// A mother looks for something: the hits come while she types, lead to their pages, and the address can be kept.
func walkSearch(t *testing.T, c *city) {
	p := c.phone(t).as("Eltern")
	p.tapIn(".bar", "Suche")
	p.until(`location.pathname === "/suche" && document.querySelector("#how").open`)
	p.axe("/suche, empty")
	p.open("/suche")
	eval[bool](p, `self.here = true`)
	p.fill("q", "passw")
	p.until(`document.querySelector("#hits mark") && location.search.includes("q=passw")`)
	if !eval[bool](p, `!!self.here`) {
		t.Error("the page was loaded anew")
	}
	p.axe("/suche, hits")
	p.fill("q", "ortxyzq")
	p.until(`document.querySelector("#hits .empty") && document.activeElement.id === "q"`)
	p.open("/suche?q=Passwort")
	p.tapIn("#hits", "Für Eltern")
	p.until(`location.pathname.startsWith("/handbuch/")`)
}
