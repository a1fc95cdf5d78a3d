// RSABSSA-SHA384-PSS-Randomized of RFC 9474, the part of the client. A house that signs must not be able to recognise what it
// has signed; so the blinding happens here. Numbers are BigInt: what takes how long in this browser tells the house nothing that
// it could use, since it learns neither r nor the token.

const hashLength = 48, saltLength = 48, e = 65537n;

const hash = async bytes => new Uint8Array(await crypto.subtle.digest('SHA-384', bytes));
const join = (...parts) => Uint8Array.from(parts.flatMap(p => [...p]));
const random = length => crypto.getRandomValues(new Uint8Array(length));

export const number = bytes => BigInt('0x' + ([...bytes].map(b => b.toString(16).padStart(2, '0')).join('') || '0'));
export const bytes = (x, length) => Uint8Array.from(x.toString(16).padStart(2 * length, '0').match(/../g), h => parseInt(h, 16));

const bits = n => n.toString(2).length;

function power(base, exponent, n) {
	let result = 1n;
	for (base %= n; exponent; exponent >>= 1n, base = base * base % n) if (exponent & 1n) result = result * base % n;
	return result;
}

// inverse is undefined where there is none.
export function inverse(x, n) {
	let [a, b, u, v] = [x % n, n, 1n, 0n];
	while (b) [a, b, u, v] = [b, a % b, v, u - a / b * v];
	return a === 1n ? (u + n) % n : undefined;
}

// encode is EMSA-PSS of RFC 8017, 9.1.1, with SHA-384 and MGF1.
async function encode(message, salt, length, emBits) {
	const h = await hash(join(new Uint8Array(8), await hash(message), salt));
	const block = join(new Uint8Array(length - saltLength - hashLength - 2), [1], salt);
	for (let i = 0; i * hashLength < block.length; i++) {
		const mask = await hash(join(h, [0, 0, 0, i]));
		for (let j = 0; j < hashLength && i * hashLength + j < block.length; j++) block[i * hashLength + j] ^= mask[j];
	}
	block[0] &= 0xff >> (8 * length - emBits);
	return join(block, h, [0xbc]);
}

// prepare puts 32 random bytes in front of a message.
export const prepare = message => join(random(32), message);

// blind hides a prepared message: { blinded, inv, encoded }, of which the first may be shown. A test gives salt and inv; else they
// are by chance.
export async function blind(n, message, salt = random(saltLength), inv = undefined) {
	const emBits = bits(n) - 1, encoded = number(await encode(message, salt, Math.ceil(emBits / 8), emBits));
	const length = Math.ceil(bits(n) / 8);
	if (inverse(encoded, n) === undefined) throw Error('a key that is none');
	let r = inv && inverse(inv, n);
	while (!r) {
		const x = number(random(length));
		if (x > 0n && x < n && (inv = inverse(x, n))) r = x;
	}
	return { blinded: bytes(encoded * power(r, e, n) % n, length), inv, encoded };
}

// finalize takes the blinding off what the house has signed, or throws where it has not signed what it was given.
export function finalize(n, { inv, encoded }, signed) {
	const s = number(signed) * inv % n;
	if (power(s, e, n) !== encoded) throw Error('not signed');
	return bytes(s, Math.ceil(bits(n) / 8));
}
