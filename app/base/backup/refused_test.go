package backup

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"nestfunk/app/base/fault"
)

func TestRefused(t *testing.T) {
	other := &fs.PathError{Op: "open", Path: "/mnt/x", Err: syscall.EIO}
	for _, c := range []struct {
		name string
		err  error
		kind fault.Kind
	}{
		{"nothing", nil, fault.KindOf(nil)},
		{"a service that may write its data only", &fs.PathError{Op: "open", Path: "/mnt/x", Err: syscall.EROFS}, fault.Forbidden},
		{"the folder of somebody else", &fs.PathError{Op: "mkdir", Path: "/mnt/x", Err: syscall.EACCES}, fault.Forbidden},
		{"a broken disk", other, fault.Internal},
	} {
		got := refused("/mnt/x", c.err)
		if fault.KindOf(got) != c.kind || (got == nil) != (c.err == nil) {
			t.Errorf("%s: %v", c.name, got)
		}
		if c.kind == fault.Forbidden && !strings.Contains(got.Error(), "/mnt/x") {
			t.Errorf("%s: %v names no folder", c.name, got)
		}
	}
	if !errors.Is(refused("/mnt/x", other), syscall.EIO) {
		t.Error("another error is not what it was")
	}
}
