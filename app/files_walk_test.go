package app_test

import "testing"

// choose has the field of a form take a drawing and a text, as if they had been picked on the phone.
const choose = `(async input => {
	const canvas = Object.assign(document.createElement("canvas"), { width: 900, height: 600 });
	const pen = canvas.getContext("2d");
	pen.fillStyle = "#d97706";
	pen.fillRect(200, 100, 500, 400);
	const all = new DataTransfer();
	all.items.add(new File([await new Promise(ok => canvas.toBlob(ok, "image/jpeg"))], "Laterne am Abend.jpg", { type: "image/jpeg" }));
	all.items.add(new File(["Treffpunkt ist das Tor."], "Packliste für den Umzug mit einem langen Namen.txt", { type: "text/plain" }));
	input.files = all.files;
	return input.files.length === 2;
})(document.getElementById("upload"))`

// A head adds a photo and a list to an announcement, and forgets the title first. Families see both.
func walkFiles(t *testing.T, c *city) {
	p := c.phone(t).as("Leitung")
	p.open("/mitteilungen/neu")
	p.fill("body", "Wir freuen uns auf Sie.")
	if !eval[bool](p, choose) {
		t.Fatal("nothing was chosen")
	}
	eval[bool](p, `(f => { f.noValidate = true; f.requestSubmit(f.querySelector("button.primary")); return true; })(document.querySelector("main form.form"))`)
	p.until(`!!document.querySelector(".error-summary") && document.querySelectorAll("input[name=file]:checked").length === 2`)
	p.until(`[...document.querySelectorAll(".choice.upload img")].every(x => x.naturalWidth > 0)`)
	p.size(390, 3000) // nothing is below the bars
	p.axe("a form with files")
	p.size(390, 844)
	for _, w := range eval[[]string](p, wide) {
		t.Error("a form with files: ", w)
	}
	p.fill("title", "Laternenumzug")
	p.tap("Veröffentlichen")
	p.until(`/^\/mitteilung\/\d+$/.test(location.pathname) && !!document.querySelector(".files img")?.naturalWidth`)
	path := eval[string](p, `location.pathname`)
	p.sees("Packliste für den Umzug")
	p.inspect(path, 200)
	got := eval[string](p, `fetch(document.querySelector(".file.picture").href).then(r => r.headers.get("Content-Type") + "; " + r.headers.get("Content-Security-Policy"))`)
	if got != "image/jpeg; sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" {
		t.Errorf("the photo is handed out as %s", got)
	}
}
