package admin

import (
	"context"

	"suitekeeper/suite"
)

func (a *api) rejections(_ context.Context, in *Page) (*answer[Rejections], error) {
	list, err := in.rejectionsOf(NewRejections(a.Keeper.Rejections()))
	return answered(list, err, itself)
}

func (a *api) audit(ctx context.Context, in *Page) (*answer[Audit], error) {
	list, err := a.Keeper.Audit(ctx, suite.AuditQuery{Limit: in.Limit, Cursor: in.Cursor})
	return answered(list, err, NewAudit)
}
