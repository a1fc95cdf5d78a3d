package app_test

import "testing"

// A head takes the archive of her Kita along: as a book on paper and as files.
func walkBook(t *testing.T, c *city) {
	p := c.phone(t).as("Leitung")
	p.open("/wissen")
	p.tap("KiTa Bullerbü")
	p.tap("Als Buch")
	p.until(`location.pathname.endsWith("/buch")`)
	p.sees("Inhalt")
	if !eval[bool](p, `[...document.querySelectorAll(".book-toc a, .book a[href^='#']")].length > 5 &&
		[...document.querySelectorAll(".book-toc a, .book a[href^='#']")].every(a => document.getElementById(decodeURIComponent(a.hash.slice(1))))`) {
		t.Error("a link within the book leads nowhere")
	}
	if !eval[bool](p, `(ids => new Set(ids).size === ids.length)([...document.querySelectorAll("[id]")].map(e => e.id))`) {
		t.Error("two parts of the book have the same name")
	}
	chapters := eval[int](p, `document.querySelectorAll(".book > article").length`)
	if n := p.sheets(); n < 3 || n > 2*chapters+3 {
		t.Errorf("%d chapters take %d sheets", chapters, n)
	}
	p.inspect("the book", 200)
}
