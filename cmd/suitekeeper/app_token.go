package main

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.uber.org/zap"

	"suitekeeper/handler/admin"
	"suitekeeper/store/durable"
)

// adminTokens returns who may use the admin API. When the configuration names
// nobody, one operator token is made on the first start and kept in the data
// folder, readable by its owner only.
func adminTokens(cfg Config, log *zap.Logger) ([]admin.Token, error) {
	var tokens []admin.Token
	for _, t := range cfg.Admin.Tokens {
		tokens = append(tokens, admin.Token{Name: t.Name, SHA256: sha256.Sum256([]byte(t.Token.Reveal())), Role: admin.Role(t.Role)})
	}
	if len(tokens) > 0 {
		return tokens, nil
	}
	path := filepath.Join(cfg.Data, adminTokenFile)
	token, err := madeToken(path, log)
	if err != nil {
		return nil, explainStore(cfg.Data, fmt.Errorf("admin token: %w", err))
	}
	return []admin.Token{{Name: "generated", SHA256: sha256.Sum256([]byte(token)), Role: admin.RoleOperator}}, nil
}

// madeToken reads the token, which it makes if there is none. Nothing is written
// when there is one, so that a full disk does not keep the server from starting.
func madeToken(path string, log *zap.Logger) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text = []byte(rand.Text() + rand.Text() + "\n")
		if err = durable.WriteFile(path, text); err == nil {
			log.Info("no admin.tokens configured: made an operator token", zap.String("file", path))
		}
	}
	if err == nil {
		err = durable.RemoveLeftovers(path)
	}
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(text))
	if len(token) < 16 {
		return "", fmt.Errorf("%s holds no token; remove the file, and the next start makes a new one", path)
	}
	return token, nil
}
