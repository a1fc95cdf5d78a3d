package demo

const (
	Times   = times
	Covered = covered
)

func Shutdowns() int { return len(shutdowns) }
