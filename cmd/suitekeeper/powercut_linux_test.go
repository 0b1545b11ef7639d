package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cutsPerDisk is how many power cuts a disk sees before a new one takes its
// place: the first start, which makes the data folder, is to be cut as well.
const cutsPerDisk = 6

// TestPowerCutLosesNothing takes the power from the machine, as far as the disk
// is concerned, at moments of chance while events are pushed and corps
// authorise. What was not flushed by then is gone, which a kill does not bring
// about. Everything that was acknowledged must be there afterwards.
func TestPowerCutLosesNothing(t *testing.T) {
	cuts := torture(t, 12, 300)
	binary, shown := builtBinary(t), newProgress(t, "power cuts", cuts)
	var all ledger
	for done := 0; done < cuts; {
		n := min(cutsPerDisk, cuts-done)
		t.Run(fmt.Sprintf("cut %d to %d", done+1, done+n), func(t *testing.T) {
			v, d := newPowerless(t, binary)
			for range n {
				d.cutDuring(v)
				v.wantNothingLost()
			}
			l := v.survive()
			all.acknowledged, all.corps, all.renewed = all.acknowledged+l.acknowledged, all.corps+l.corps, all.renewed+l.renewed
		})
		done += n
		shown.done(done)
	}
	t.Logf("%d power cuts: %s", cuts, &all)
	if all.acknowledged < 10*cuts {
		t.Errorf("only %d pushes were acknowledged: the test did not test much", all.acknowledged)
	}
}

// TestPowerCutIsNoticedWithoutFlushes shows that the test above would find a
// loss: with a binary in which bbolt does not flush its commits, it does.
func TestPowerCutIsNoticedWithoutFlushes(t *testing.T) {
	v, d := newPowerless(t, binaryThatDoesNotFlush(t))
	v.start() // before that, the data folder is flushed
	v.kill()
	for cut := range 20 {
		d.cutDuring(v)
		if l := v.audit(); len(l.lost) > 0 {
			t.Logf("cut %d of a store that does not flush is noticed, %d times; the first: %s", cut+1, len(l.lost), l.lost[0])
			return
		}
	}
	t.Error("no power cut took anything from a store that does not flush: the harness would not notice a loss")
}

// binaryThatDoesNotFlush builds the binary with bbolt's option NoSync, which is
// put into a copy of the file that opens bbolt.
func binaryThatDoesNotFlush(t *testing.T) string {
	t.Helper()
	source, err := filepath.Abs("../../store/boltstore/open.go")
	must(t, err)
	text, err := os.ReadFile(source)
	must(t, err)
	const option = "&bbolt.Options{\n"
	if n := strings.Count(string(text), option); n != 1 {
		t.Fatalf("%s has %q %d times, want once", source, option, n)
	}
	dir := t.TempDir()
	changed := filepath.Join(dir, "open.go")
	must(t, os.WriteFile(changed, []byte(strings.Replace(string(text), option, option+"NoSync: true,\n", 1)), 0o600))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{source: changed}})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	if out, err := build(dir, "-overlay", filepath.Join(dir, "overlay.json")); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return filepath.Join(dir, "suitekeeper")
}

// newPowerless returns a victim whose data are on a disk of its own.
func newPowerless(t *testing.T, binary string) (*victim, *disk) {
	t.Helper()
	d := newDisk(t)
	v := newVictim(t, binary, filepath.Join(d.folder, "data"), 20*time.Millisecond)
	return v, d
}

// cutDuring starts the victim, cuts the power at a moment of chance, which may
// come before it is up, and mounts the disk as the machine finds it afterwards.
func (d *disk) cutDuring(v *victim) {
	d.Helper()
	v.launch()
	stopPushing := v.push()
	must(d, v.dingTalk.PushTicket(v.suite.Key))
	v.authorize(2)
	pause(700 * time.Millisecond)
	v.wantNoComplaints()
	d.cut()
	pause(50 * time.Millisecond) // in which it could answer what it must not
	v.kill()
	stopPushing()
	d.unmount()
	d.mount()
}

// disk is an ext4 file system that writes nothing down unless it is told to
// flush, and that the power can be taken from.
type disk struct {
	testing.TB
	image, folder string
	mounted       bool
}

// newDisk makes the disk and mounts it until the test ends. Only root may, so
// the test is skipped for others.
func newDisk(tb testing.TB) *disk {
	tb.Helper()
	if os.Geteuid() != 0 {
		tb.Skip("only root can mount a disk image on a loop device")
	}
	for _, tool := range []string{"mkfs.ext4", "mount"} {
		if _, err := exec.LookPath(tool); err != nil {
			tb.Skipf("a disk image cannot be made or mounted: %v", err)
		}
	}
	d := &disk{TB: tb, image: filepath.Join(tb.TempDir(), "disk.img"), folder: tb.TempDir()}
	must(tb, os.WriteFile(d.image, nil, 0o600))
	must(tb, os.Truncate(d.image, 320<<20))
	d.command("mkfs.ext4", "-q", d.image)
	d.mount()
	tb.Cleanup(d.unmount)
	return d
}

// mount mounts the disk such that it writes its journal every 1,000 seconds,
// and when told to flush, and with further options.
func (d *disk) mount(options ...string) {
	d.Helper()
	d.command("mount", "-o", strings.Join(append(options, "loop", "commit=1000"), ","), d.image, d.folder)
	d.mounted = true
}

func (d *disk) unmount() {
	d.Helper()
	if !d.mounted {
		return
	}
	must(d, unix.Unmount(d.folder, 0))
	d.mounted = false
}

// cut has the file system forget what it has not written, its journal included,
// and refuse everything from now on.
func (d *disk) cut() {
	d.Helper()
	const shutdown, withoutFlushingTheLog = 0x8004587d, 2 // EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH
	folder, err := os.Open(d.folder)
	must(d, err)
	defer folder.Close()
	must(d, unix.IoctlSetPointerInt(int(folder.Fd()), shutdown, withoutFlushingTheLog))
}

func (d *disk) command(name string, args ...string) {
	d.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		d.Fatalf("%s %s: %v\n%s", name, fmt.Sprint(args), err, out)
	}
}
