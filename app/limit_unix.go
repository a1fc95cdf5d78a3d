//go:build unix

package app

import "syscall"

// mayOpen is how many files and connections this process may have open.
func mayOpen() int64 {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 1024
	}
	return int64(min(uint64(l.Cur), 1<<20))
}
