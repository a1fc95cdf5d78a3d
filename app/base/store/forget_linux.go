package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// forget has what follows be read from the disk, and not from what the kernel remembers of it.
func forget(f *os.File) { _ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) }
