package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"path"
	"strings"
	"time"

	"nestfunk/app/base/dial"
	"nestfunk/app/base/fault"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// patience is how long a server may take to answer at first.
const patience = 20 * time.Second

// remote is a folder behind SFTP.
type remote struct {
	root string
	ssh  *ssh.Client
	*sftp.Client
}

func openSFTP(ctx context.Context, u *url.URL, with Secret) (Target, error) {
	if with.Host == "" {
		return nil, fault.New(fault.Invalid, "Bitte geben Sie den öffentlichen Schlüssel des SFTP-Servers an: Sonst könnte sich jeder als er ausgeben.")
	}
	host, _, _, _, err := ssh.ParseAuthorizedKey([]byte(with.Host))
	if err != nil {
		return nil, fault.New(fault.Invalid, "Der öffentliche Schlüssel des SFTP-Servers ist nicht lesbar. Er beginnt zum Beispiel mit „ssh-ed25519“.")
	}
	conf := &ssh.ClientConfig{User: u.User.Username(), HostKeyCallback: ssh.FixedHostKey(host), HostKeyAlgorithms: []string{host.Type()}, Timeout: patience}
	if host.Type() == ssh.KeyAlgoRSA {
		conf.HostKeyAlgorithms = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	if with.Key != "" {
		key, err := ssh.ParsePrivateKey([]byte(with.Key))
		if err != nil {
			return nil, fault.New(fault.Invalid, "Der Schlüssel für den SFTP-Server ist nicht lesbar. Er beginnt mit „-----BEGIN OPENSSH PRIVATE KEY-----“ und hat keine Passphrase.")
		}
		conf.Auth = append(conf.Auth, ssh.PublicKeys(key))
	}
	if with.Password != "" {
		conf.Auth = append(conf.Auth, ssh.Password(with.Password))
	}
	at := u.Host
	if u.Port() == "" {
		at = net.JoinHostPort(u.Hostname(), "22")
	}
	line, err := dial.To(dial.Server, nil).DialContext(ctx, "tcp", at)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", at, err)
	}
	c, chans, reqs, err := ssh.NewClientConn(line, at, conf)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sign in at %s: %w", at, err), line.Close())
	}
	client := ssh.NewClient(c, chans, reqs)
	s, err := sftp.NewClient(client, sftp.UseConcurrentWrites(true))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("begin SFTP at %s: %w", at, err), client.Close())
	}
	t := &remote{root: path.Join("/", u.Path), ssh: client, Client: s}
	if err := s.MkdirAll(t.root); err != nil {
		return nil, errors.Join(fmt.Errorf("make folder %s at %s: %w", t.root, at, err), t.Close())
	}
	return t, nil
}

func (t *remote) Put(_ context.Context, name string, r io.Reader, _ int64) (err error) {
	to := path.Join(t.root, name)
	if err := t.MkdirAll(path.Dir(to)); err != nil {
		return err
	}
	tmp := path.Join(path.Dir(to), ".neu-"+path.Base(to))
	f, err := t.Create(tmp)
	if err != nil {
		return err
	}
	_, err = f.ReadFrom(r)
	if e := f.Sync(); e != nil && !unsupported(e) {
		err = errors.Join(err, e)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = t.PosixRename(tmp, to)
	}
	if err != nil {
		return errors.Join(err, t.Client.Remove(tmp))
	}
	return nil
}

// unsupported reports whether a server does not know an extension.
func unsupported(err error) bool {
	s, ok := errors.AsType[*sftp.StatusError](err)
	return ok && s.FxCode() == sftp.ErrSSHFxOpUnsupported
}

func (t *remote) Get(_ context.Context, name string) (io.ReadCloser, error) {
	return t.Open(path.Join(t.root, name))
}

func (t *remote) List(prefix string, f func(Object) error) error {
	for w := t.Walk(path.Join(t.root, prefix)); w.Step(); {
		switch err := w.Err(); {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return err
		}
		i := w.Stat()
		if i.IsDir() || strings.HasPrefix(i.Name(), ".") {
			continue
		}
		if err := f(Object{strings.TrimPrefix(strings.TrimPrefix(w.Path(), t.root), "/"), i.Size(), i.ModTime()}); err != nil {
			return err
		}
	}
	return nil
}

func (t *remote) Remove(_ context.Context, name string) error {
	return t.Client.Remove(path.Join(t.root, name))
}

func (t *remote) Close() error { return errors.Join(t.Client.Close(), t.ssh.Close()) }
