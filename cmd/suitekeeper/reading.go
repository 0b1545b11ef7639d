package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
)

// whereHelp tells in the help of a command how it finds its server.
const whereHelp = "On the server's machine nothing needs to be given, in its working directory; elsewhere in the file system\n" +
	"--config tells where it is. From other machines give --admin and --token-file."

// whereHelpData is whereHelp for commands that read stopped servers, too.
const whereHelpData = whereHelp + "\n" +
	"--data DIR reads the data folder of a server that is stopped; one that runs is asked."

// askFlags are the flags of commands that ask a server and show what it says.
type askFlags struct {
	*adminFlags
	lang *language
	form *output
}

func addAskFlags(cmd *cobra.Command) askFlags {
	f := addAdminFlags(cmd.Flags())
	return askFlags{f, addLanguageFlag(cmd, os.Getenv), addOutputFlag(cmd)}
}

// addChangeFlags is addAskFlags for commands that need a running server. They
// know --data only to say why it is of no use to them.
func addChangeFlags(cmd *cobra.Command) askFlags {
	f := addAskFlags(cmd)
	cmd.Flags().Lookup("data").Hidden = true
	return f
}

// show prints an answer: as it is for programs, in words for people.
func (f askFlags) show(cmd *cobra.Command, answer any, words func(view) string) error {
	out := cmd.OutOrStdout()
	if *f.form == outputJSON {
		return printJSON(out, answer)
	}
	_, err := io.WriteString(out, words(newView(out, *f.lang)))
	return err
}

// read calls fn with what answers reading commands: the running server, or
// with --data the folder of a stopped one, which is read without a change.
func (f *adminFlags) read(ctx context.Context, fn func(adminServer) error) error {
	environ := os.Environ()
	if f.data == "" || f.url != "" || ourVariables(environ)[envAdmin] != "" {
		server, err := f.server(environ)
		if err != nil {
			return err
		}
		return fn(server)
	}
	cfg, err := f.configured(environ)
	if err != nil {
		return err
	}
	folder, err := openStopped(ctx, cfg, noNetwork{})
	switch {
	case errors.Is(err, boltstore.ErrLocked):
		return f.readLocked(environ, cfg, fn)
	case errors.Is(err, fs.ErrNotExist) && !exists(filepath.Join(cfg.Data, dataFile)):
		// It may be the folder of a server that has stored nothing yet, or the
		// token alone was put there.
		return f.readNothing(environ, cfg, fn)
	case err != nil:
		return orHint(err, suite.Text{
			EN: "the folder, its key file and the master key belong together, as 'suitekeeper serve' has them",
			ZH: "数据目录、密钥文件和主密钥必须配套，与 'suitekeeper serve' 使用的一致",
		})
	}
	server, err := folder.server()
	if err == nil {
		err = fn(server)
	}
	return errors.Join(err, folder.Close())
}

// readLocked asks the server that has the folder open, as far as it can be found.
func (f *adminFlags) readLocked(environ []string, cfg Config, fn func(adminServer) error) error {
	server, err := f.server(environ)
	if err == nil {
		err = fn(server)
	}
	if err == nil {
		return nil
	}
	return withHint(errorf(suite.Text{EN: "a running server has %s open, and it could not be asked: %w", ZH: "有运行中的服务器正在使用 %s，但无法向其查询：%w"}, cfg.Data, err),
		suite.Text{
			EN: "give its address with --admin, or its configuration with --config",
			ZH: "请用 --admin 指定其地址，或用 --config 指定其配置",
		})
}

// readNothing asks a server although there is no data file in the folder.
func (f *adminFlags) readNothing(environ []string, cfg Config, fn func(adminServer) error) error {
	server, err := f.server(environ)
	if err != nil {
		return withHint(err, suite.Text{EN: "%s holds no %s either: is it the data folder of a server?", ZH: "%s 中也没有 %s：请确认它是服务器的数据目录"}, cfg.Data, dataFile)
	}
	return fn(server)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// running returns the server for a command that a stopped one cannot serve,
// because it changes something or waits for what comes.
func (f *adminFlags) running(cmd *cobra.Command) (adminServer, error) {
	if f.data != "" {
		_, name, _ := strings.Cut(cmd.CommandPath(), " ")
		return adminServer{}, withHint(usagef(suite.Text{
			EN: "%s needs a running server; --data is for reading the folder of a stopped one",
			ZH: "%s 需要运行中的服务器；--data 只用于读取已停止的服务器的数据目录",
		}, name),
			suite.Text{
				EN: "start the server, and tell by --config, or by --admin and --token-file, which it is",
				ZH: "请启动服务器，并用 --config 或 --admin 加 --token-file 指定它",
			})
	}
	return f.server(os.Environ())
}

// suiteOf returns the suite that is meant: the one given or, without one, the
// only one of the server.
func (s adminServer) suiteOf(ctx context.Context, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	suites, err := s.suiteKeys(ctx)
	if err != nil {
		return "", err
	}
	if len(suites) != 1 {
		return "", withHint(usagef(suite.Text{EN: "the server has %d suites", ZH: "服务器有 %d 个套件"}, len(suites)), suite.Text{
			EN: "choose one with --suite; 'suitekeeper suites' lists them",
			ZH: "请用 --suite 选择一个；可用 'suitekeeper suites' 列出",
		})
	}
	return suites[0], nil
}

// suitesOf returns the suite given or, without one, all of the server's.
func (s adminServer) suitesOf(ctx context.Context, given string) ([]string, error) {
	if given != "" {
		return []string{given}, nil
	}
	return s.suiteKeys(ctx)
}

func (s adminServer) suiteKeys(ctx context.Context) ([]string, error) {
	suites, err := s.Suites(ctx)
	if err != nil {
		return nil, s.explain(err)
	}
	var keys []string
	for _, one := range suites {
		keys = append(keys, one.SuiteKey)
	}
	return keys, nil
}

// addSuiteFlag gives cmd the flag --suite, which shells complete.
func addSuiteFlag(cmd *cobra.Command, admin *adminFlags, usage string) *string {
	key := cmd.Flags().String("suite", "", usage)
	completeFlag(cmd, "suite", admin.completeSuites)
	return key
}

// errorText is what the server says of a failed exchange, in the language of
// the view.
func (v view) errorText(e *admin.ExchangeError) (message, cure string) {
	return v.say(suite.Text{EN: e.Message, ZH: e.MessageZH}), v.say(suite.Text{EN: e.Cure, ZH: e.CureZH})
}

// checkWord refuses a flag's value that is none of a few words; nothing is no
// filter.
func checkWord(flag, value string, words []string) error {
	if value == "" || slices.Contains(words, value) {
		return nil
	}
	return usagef(suite.Text{EN: "--%s must be one of %s", ZH: "--%s 应为以下之一：%s"}, flag, strings.Join(words, ", "))
}
