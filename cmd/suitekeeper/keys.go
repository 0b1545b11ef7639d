package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
	"suitekeeper/suite"
)

func newKeysCommand() *cobra.Command {
	return newGroupCommand("keys", "Replace or wrap the key that the data is encrypted with",
		"  suitekeeper keys rotate\n  suitekeeper keys wrap --config suitekeeper.yaml",
		newKeysRotateCommand(), newKeysWrapCommand())
}

func newKeysRotateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Replace the data key while the server runs",
		Long: "Replace the key that the data is encrypted with, while the server runs. New records are encrypted with the new\n" +
			"key at once, the others in the background; until the last one is, the key file holds both keys. It survives\n" +
			"restarts: the server goes on by itself. Where a rotation is under way already, its progress is shown. It needs\n" +
			"an operator's token.\n\n" + whereHelp,
		Example: "  suitekeeper keys rotate\n" +
			"  suitekeeper keys rotate --no-wait -o json",
		Args: cobra.NoArgs,
	}
	flags := addChangeFlags(cmd)
	noWait := cmd.Flags().Bool("no-wait", false, "do not wait until all is done")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		server, err := flags.running(cmd)
		if err != nil {
			return err
		}
		r, err := server.RotateKey(cmd.Context())
		if refused := (*admin.Error)(nil); errors.As(err, &refused) && refused.Code == "rotation_runs" {
			r, err = server.KeyRotation(cmd.Context())
		}
		if err != nil {
			return server.explain(err)
		}
		line := progressOn(cmd.ErrOrStderr(), os.Getenv)
		on := newView(cmd.ErrOrStderr(), *flags.lang)
		if !*noWait {
			r, err = server.rotated(cmd.Context(), r, func(r admin.KeyRotation) { line.show(on.rotation(r)) })
			line.clear()
		}
		if err != nil {
			return err
		}
		return flags.show(cmd, r, func(v view) string { return v.rotation(r) + "\n" })
	}
	return cmd
}

// rotated waits until a rotation has ended.
func (s adminServer) rotated(ctx context.Context, r admin.KeyRotation, tell func(admin.KeyRotation)) (admin.KeyRotation, error) {
	for r.Running {
		tell(r)
		if r.Error != "" {
			return r, withHint(errorf(suite.Text{EN: "the rotation does not go on: %s", ZH: "密钥轮换无法继续：%s"}, r.Error), suite.Text{EN: "both keys are kept, and the server tries again; its log tells more", ZH: "两个密钥都会保留，服务器会自动重试；详情见其日志"})
		}
		wait(ctx, repushPoll)
		if ctx.Err() != nil {
			return r, withHint(errorf(suite.Text{EN: "not waited for: the server goes on by itself", ZH: "不再等待：服务器会继续进行"}), suite.Text{EN: "'suitekeeper keys rotate' shows how far it is", ZH: "可用 'suitekeeper keys rotate' 查看进度"})
		}
		next, err := s.KeyRotation(ctx)
		if err != nil {
			return r, s.explain(err)
		}
		r = next
	}
	return r, nil
}

var (
	rotationRuns  = suite.Text{EN: "data key replaced; encrypted anew so far: %d of %d records", ZH: "数据密钥已更换；已重新加密 %d / %d 条记录"}
	rotationEnded = suite.Text{EN: "data key replaced, and all records encrypted anew (%d)", ZH: "数据密钥已更换，全部记录已重新加密（%d 条）"}
)

func (v view) rotation(r admin.KeyRotation) string {
	if r.Running {
		return v.say(rotationRuns, r.Done, r.Total)
	}
	return v.say(rotationEnded, r.Done)
}

func newKeysWrapCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "wrap",
		Short: "Encrypt the key file with the master key of the configuration",
		Long: "Encrypt the file of the data key with the master key of the configuration (master_key), in which it was in clear\n" +
			"or encrypted with another master key. The server must be stopped. The data key stays the same: whoever may have\n" +
			"a copy of the old file can be shut out with 'suitekeeper keys rotate' once the server runs again.",
		Example: "  suitekeeper keys wrap --config suitekeeper.yaml\n" +
			"  suitekeeper keys wrap --config suitekeeper.yaml --old-master-key-file master.key.old",
		Args: cobra.NoArgs,
	}
	config := addConfigFlags(cmd, "data")
	oldFile := cmd.Flags().String("old-master-key-file", "", "file with the master key that the key file is encrypted with now; none: it is in clear")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, _, err := config.load()
		if err != nil {
			return err
		}
		master := cfg.MasterKeyBytes()
		if master == nil {
			return withHint(errorf(suite.Text{EN: "the configuration has no master key", ZH: "配置中没有主密钥"}), suite.Text{
				EN: "make one: openssl rand -base64 32 > master.key; and name it: master_key_file: master.key",
				ZH: "请生成主密钥：openssl rand -base64 32 > master.key；再在配置中写明：master_key_file: master.key",
			})
		}
		old, err := readOldMasterKey(*oldFile)
		if err != nil {
			return err
		}
		if err := wrapKey(cmd.Context(), cfg, old, master); err != nil {
			return err
		}
		fmt.Fprintln(cmd.OutOrStdout(), "the key file is encrypted with the master key of the configuration; keep that apart from the data, and safe: without it nothing can be read")
		return nil
	}
	return cmd
}

func readOldMasterKey(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	text, err := readSecret(path)
	if err != nil {
		return nil, fmt.Errorf("--old-master-key-file: %w", err)
	}
	key, ok := decodeMasterKey(text.Reveal())
	if !ok {
		return nil, errorf(suite.Text{
			EN: "--old-master-key-file: %s holds no master key, which is 32 bytes in base64 or hex",
			ZH: "--old-master-key-file：%s 中没有主密钥，应为 base64 或十六进制的 32 字节",
		}, path)
	}
	return key, nil
}

// wrapKey wraps the data key of a stopped server by another master key.
func wrapKey(ctx context.Context, cfg Config, old, master []byte) error {
	path := filepath.Join(cfg.Data, dataFile)
	if !exists(path) { // opening would make one
		return withHint(errorf(suite.Text{EN: "there is no %s", ZH: "%s 不存在"}, path), suite.Text{
			EN: "nothing is stored yet: the server wraps the key that it makes at its first start",
			ZH: "尚未保存任何数据：服务器首次启动时会加密它生成的密钥",
		})
	}
	_, engine, err := openDisk(ctx, cfg.Data, boltstore.Options{LockTimeout: lockPatience}, sealed.KeyOptions{MasterKey: old})
	switch {
	case errors.Is(err, boltstore.ErrLocked):
		return withHint(err, suite.Text{EN: "stop the server first: it would write the key file as it knows it", ZH: "请先停止服务器，否则它会按自己的内容重写密钥文件"})
	case errors.Is(err, sealed.ErrMasterKey):
		return withHint(err, suite.Text{
			EN: "is it encrypted with the master key of the configuration already? otherwise give the one that it is encrypted with as --old-master-key-file",
			ZH: "密钥文件可能已经由配置中的主密钥加密；否则请用 --old-master-key-file 指定当前加密它的主密钥",
		})
	case err != nil:
		return err
	}
	return errors.Join(engine.Wrap(master), engine.Close())
}
