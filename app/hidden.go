package app

import (
	"io"
	"os"

	"nestfunk/app/base/files"
)

// Hidden carries out the command that the program gives to itself: to read a file in a process of its own. Ok is false
// for all other commands.
func Hidden(args []string, in *os.File, out io.Writer) (code int, ok bool) {
	if len(args) != 3 || args[0] != files.Command {
		return 0, false
	}
	return files.Child(args[1], args[2], in, out), true
}
