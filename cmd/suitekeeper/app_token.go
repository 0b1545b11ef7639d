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
		return nil, fmt.Errorf("admin token: %w", err)
	}
	return []admin.Token{{Name: "generated", SHA256: sha256.Sum256([]byte(token)), Role: admin.RoleOperator}}, nil
}

func madeToken(path string, log *zap.Logger) (string, error) {
	err := durable.WriteFile(path, []byte(rand.Text()+rand.Text()+"\n"))
	if err == nil {
		log.Info("no admin.tokens configured: made an operator token", zap.String("file", path))
	} else if !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(text))
	if len(token) < 16 {
		return "", fmt.Errorf("%s holds no token; remove the file, and the next start makes a new one", path)
	}
	return token, nil
}
