# Every target is a script of the same name in scripts/.

.DEFAULT_GOAL := help
.PHONY: run dev test lint dist bench help

run: ## install what is missing, build, serve with a demo organization
	@scripts/run
dev: ## serve, and build again whenever a file changes
	@scripts/dev
test: ## everything the project promises, browser tests included
	@scripts/test
lint: ## formatting, lints, SQL descriptions
	@scripts/lint
dist: ## build what is carried to a server, into target/portcullis
	@scripts/dist
bench: ## measure, and print a table
	@scripts/bench
help: ## this list
	@sed -n 's/^\([a-z]*\): ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10
