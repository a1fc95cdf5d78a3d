package files

import (
	"errors"
	"os/exec"
	"syscall"
)

// confine gives this process its limits. It writes no file and no memory image.
func confine() error {
	if !roomy {
		if err := lower(syscall.RLIMIT_AS, childSpace); err != nil {
			return err
		}
	}
	return errors.Join(
		lower(syscall.RLIMIT_CPU, uint64(childTime.Seconds())),
		lower(syscall.RLIMIT_CORE, 0),
		lower(syscall.RLIMIT_FSIZE, 0),
	)
}

// lower sets a limit, unless there is one already that is stricter.
func lower(what int, most uint64) error {
	var now syscall.Rlimit
	if err := syscall.Getrlimit(what, &now); err != nil {
		return err
	}
	most = min(most, now.Max)
	return syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most})
}

// alone has the child end with the house.
func alone(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
