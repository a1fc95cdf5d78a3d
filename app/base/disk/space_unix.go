//go:build linux || darwin

package disk

import "syscall"

// Space is what is free on the disk of a folder for this user, and how large the disk is, in bytes.
func Space(folder string) (free, total uint64, ok bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, 0, false
	}
	return s.Bavail * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), true
}
