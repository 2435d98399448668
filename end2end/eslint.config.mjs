import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig([
  globalIgnores(["node_modules/", "test-results/", "playwright-report/"]),
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    // A promise that nobody waits for is a test that passes too early: the typed rules find it.
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    // TypeScript knows the globals of Node.js, and reads these files too.
    rules: { "no-undef": "off" },
  },
]);
