package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

const (
	plain   = 512       // bytes that are encrypted, whatever the message: its length tells nothing
	longest = plain - 1 // bytes of a message; the last one ends the record

	saltSize   = 16
	secretSize = 16
	keySize    = 65   // of a point of P-256, not compressed
	recordSize = 4096 // there is only one record, and it is shorter
)

// Encrypt makes the body of a push request that only one browser can read (RFC 8291, with the coding aes128gcm of RFC
// 8188). It always has 614 bytes; a message of more than 511 is an error.
func Encrypt(to Subscription, message []byte) ([]byte, error) {
	if len(message) > longest {
		return nil, &failure{kind: refused, words: fmt.Sprintf("Die Push-Mitteilung ist mit %d Bytes zu lang; erlaubt sind %d.", len(message), longest)}
	}
	// A key pair for each message (RFC 8291, 3.1): messages of one house cannot be told by their keys.
	once, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	var salt [saltSize]byte
	_, _ = rand.Read(salt[:]) // never fails
	return encrypt(once, salt, to, message, plain)
}

// encrypt pads the message to size bytes, its end included.
func encrypt(once *ecdh.PrivateKey, salt [saltSize]byte, to Subscription, message []byte, size int) ([]byte, error) {
	browser, err := ecdh.P256().NewPublicKey(to.Key)
	if err != nil {
		return nil, &failure{kind: refused, words: "Der Schlüssel dieses Browsers ist ungültig.", cause: err}
	}
	shared, err := once.ECDH(browser)
	if err != nil {
		return nil, err
	}
	ours := once.PublicKey().Bytes()
	material, err := derive(shared, to.Secret, "WebPush: info\x00"+string(to.Key)+string(ours), 32)
	if err != nil {
		return nil, err
	}
	key, err := derive(material, salt[:], "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := derive(material, salt[:], "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, saltSize+4+1+len(ours)+size+gcm.Overhead())
	out = append(out, salt[:]...)
	out = binary.BigEndian.AppendUint32(out, recordSize)
	out = append(out, byte(len(ours)))
	out = append(out, ours...)
	text := make([]byte, size)
	text[copy(text, message)] = 2 // the last record (RFC 8188, 2); zeros follow
	return gcm.Seal(out, nonce, text, nil), nil
}

func derive(secret, salt []byte, info string, n int) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, salt, info, n)
}
