import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    languageOptions: {ecmaVersion: 2023, sourceType: "module", globals: globals.browser},
    rules: {
      "no-unused-vars": "error",
      "no-shadow": ["error", {builtinGlobals: false}],
      eqeqeq: "error",
      "max-len": ["error", {code: 120}],
      "max-lines-per-function": ["error", {max: 60}],
    },
  },
];
