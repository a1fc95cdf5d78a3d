// Reads one JSON object a line from standard input (key: private key of a browser, auth, body; all base64url) and writes
// the text that http_ece, an implementation by the editors of the RFCs, decrypts from each body.
const crypto = require("node:crypto");
const ece = require("http_ece");

for (const line of require("node:fs").readFileSync(0, "utf8").trim().split("\n")) {
	const { key, auth, body } = JSON.parse(line);
	const privateKey = crypto.createECDH("prime256v1");
	privateKey.setPrivateKey(key, "base64url");
	const text = ece.decrypt(Buffer.from(body, "base64url"), { version: "aes128gcm", privateKey, authSecret: auth });
	console.log(text.toString("utf8"));
}
