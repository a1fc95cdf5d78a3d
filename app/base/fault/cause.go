package fault

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// Cause says in German why the system has refused something, without the path or the address, which the sentence around it has
// named already. What has no German here stays as the system says it.
func Cause(err error) string {
	for _, c := range []struct {
		is    error
		words string
	}{
		{syscall.EADDRINUSE, "ein anderes Programm benutzt das schon"},
		{syscall.EADDRNOTAVAIL, "diese Adresse hat der Rechner nicht"},
		{syscall.ENOTDIR, "das ist kein Ordner"},
		{syscall.EISDIR, "das ist ein Ordner"},
		{syscall.ENOSPC, "die Platte ist voll"},
		{syscall.EROFS, "dort darf nur gelesen werden"},
		{syscall.EEXIST, "das gibt es schon"},
		{fs.ErrNotExist, "das gibt es nicht"},
		{fs.ErrPermission, "das Recht dazu fehlt"},
	} {
		if errors.Is(err, c.is) {
			return c.words
		}
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	if o, ok := errors.AsType[*net.OpError](err); ok {
		err = o.Err
	}
	if s, ok := errors.AsType[*os.SyscallError](err); ok {
		err = s.Err
	}
	return err.Error()
}
