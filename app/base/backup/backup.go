// Package backup (Sicherung) makes snapshots of a house and brings them back.
//
// A target is a folder, here, behind SFTP or in S3. It holds
//
//	nestfunk                 which house this is, so that two never mix
//	blobs/ab/ab12…           what is kept: a copy of the database, files; encrypted
//	snapshots/TIME.names     what a snapshot needs: a line for each blob with its name, size and SHA-256 as it lies there
//	snapshots/TIME           the snapshot: what its blobs are; encrypted. Written last: without it there is no snapshot
//
// The name of a blob is an HMAC of its content, so that what lies there already is not sent again, and whoever keeps the
// target cannot tell whether it holds a file that they know. Encryption is age's, to recipients whose secret keys are on
// paper: the house cannot read its own backups. To prove that a snapshot comes back, it is made for one more recipient,
// whose key is made for the run and only ever in memory: with it everything new is fetched back, decrypted and compared
// before the snapshot counts. What was sent by an earlier run is compared by its checksum, a part of it each time.
//
// It owns filippo.io/age, github.com/pkg/sftp and github.com/minio/minio-go.
package backup

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// Names in a target.
const (
	mark      = "nestfunk"
	snapshots = "snapshots/"
	blobs     = "blobs/"
	stamp     = "20060102T150405Z"
	namesEnd  = ".names"
)

// A Blob is something that is kept, once however many snapshots have it.
type Blob struct {
	Name   string // in the target, without its folder
	Size   int64  // of the content
	SHA256 []byte // of the content
}

// path is where a blob lies in a target.
func (b Blob) path() string { return blobs + b.Name[:2] + "/" + b.Name }

// A Deletion is that somebody was forgotten: a restore of an earlier state forgets them again.
type Deletion struct {
	Kind string // person or child
	UID  string
	At   time.Time
}

// A Snapshot is one state of a house.
type Snapshot struct {
	Format    int // 1
	At        time.Time
	Program   string // version that made it
	Database  Blob   // compressed with zstd
	Copy      []byte // SHA-256 of the database as it was copied
	Files     []Blob // by the hash of their content
	Missing   [][]byte
	Deletions []Deletion // of the last five weeks: this snapshot's own come from before it
}

// name of the snapshot in a target.
func (s Snapshot) name() string { return snapshots + s.At.UTC().Format(stamp) }

// all are the blobs that a snapshot needs.
func (s Snapshot) all() []Blob { return append([]Blob{s.Database}, s.Files...) }

// A listed line says of a blob how it lies in the target.
type listed struct {
	name string
	size int64
	sum  string // SHA-256 in hexadecimal
}

// named are the lines of a snapshot's list of names.
func named(lines []listed) []byte {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%s %d %s\n", l.name, l.size, l.sum)
	}
	return []byte(b.String())
}

// parseNames reads a list of names.
func parseNames(file []byte) (all []listed, err error) {
	for line := range strings.Lines(string(file)) {
		var l listed
		if n, err := fmt.Sscanf(line, "%s %d %s\n", &l.name, &l.size, &l.sum); n != 3 || err != nil || !isName(l.name) || l.size < 0 || !isName(l.sum) {
			return nil, fmt.Errorf("not a list of names: %.80q", line)
		}
		all = append(all, l)
	}
	return all, nil
}

// isName reports whether s is 64 hexadecimal digits, and so no path.
func isName(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && strings.ToLower(s) == s
}

// parseSnapshot reads a snapshot.
func parseSnapshot(file []byte) (s Snapshot, err error) {
	if err := json.Unmarshal(file, &s); err != nil {
		return s, fmt.Errorf("not a snapshot: %w", err)
	}
	if s.Format != 1 {
		return s, fmt.Errorf("a snapshot of format %d, which this program does not know", s.Format)
	}
	for _, b := range s.all() {
		if !isName(b.Name) || len(b.SHA256) != sha256.Size || b.Size < 0 {
			return s, fmt.Errorf("not a snapshot: blob %.80q", b.Name)
		}
	}
	return s, nil
}

// blobName names what has a hash, so that only the house knows which content it is. The same for others who can open it has
// another name: it has to be sent anew.
func blobName(secret, hash []byte, public []string) string {
	m := hmac.New(sha256.New, secret)
	m.Write(hash)
	for _, k := range slices.Sorted(slices.Values(public)) {
		m.Write([]byte(k))
	}
	return hex.EncodeToString(m.Sum(nil))
}

// times lists when the snapshots of a target were made, the newest first. Those that were begun and not finished do not count.
func times(t Target) (all []time.Time, err error) {
	err = t.List(snapshots, func(o Object) error {
		if at, err := time.Parse(stamp, path.Base(o.Name)); err == nil {
			all = append(all, at)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b time.Time) int { return b.Compare(a) })
	return all, err
}
