// The text editor of the Rules screen: CodeMirror with the colours of the console, in a shadow root, where its
// styles are constructable sheets that the policy allows.
import {
  autocompletion, bracketMatching, closeBrackets, closeBracketsKeymap, completionKeymap, defaultKeymap,
  drawSelection, EditorSelection, EditorState, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSelectionMatches,
  highlightSpecialChars, HighlightStyle, history, historyKeymap, indentUnit, keymap, lineNumbers,
  lintGutter, lintKeymap, search, searchKeymap, setDiagnostics, syntaxHighlighting, tags, yaml,
} from "./vendor/editor.js";

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--warn)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.labelName, tags.typeName, tags.meta], color: "var(--warn)" },
]);

const LOOK = EditorView.theme({
  "&": { blockSize: "var(--code-height)", border: "1px solid var(--soft)", borderRadius: "var(--radius)", backgroundColor: "var(--paper)", color: "var(--ink)", fontSize: ".8125rem" },
  "&.cm-focused": { outline: "2px solid var(--accent)" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderInlineStartColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--wash)", color: "var(--soft)", border: "0" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 14%, transparent)", color: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent)" },
  ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--warn-wash)", outline: "1px solid var(--warn)" },
  ".cm-searchMatch-selected": { backgroundColor: "color-mix(in srgb, var(--warn) 35%, transparent)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in srgb, var(--good) 25%, transparent)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "color-mix(in srgb, var(--bad) 25%, transparent)" },
  ".cm-panels": { backgroundColor: "var(--wash)", color: "var(--ink)" },
  ".cm-panels-bottom": { borderBlockStart: "1px solid var(--rule)" },
  ".cm-textfield": { border: "1px solid var(--soft)", backgroundColor: "var(--paper)", color: "inherit", fontSize: ".8125rem" },
  ".cm-button": { border: "1px solid var(--accent)", borderRadius: "var(--radius)", background: "none", color: "var(--accent)", fontSize: ".8125rem" },
  ".cm-panel.cm-search [name=close]": { color: "inherit", minInlineSize: "1.5rem", minBlockSize: "1.5rem" },
  ".cm-tooltip": { border: "1px solid var(--rule)", borderRadius: "var(--radius)", backgroundColor: "var(--raised)", color: "var(--ink)", boxShadow: "0 4px 16px #0004" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxInlineSize: "min(40rem, 92vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: ".25rem .5rem", overflow: "hidden", textOverflow: "ellipsis" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
  ".cm-completionLabel": { fontWeight: "600" },
  ".cm-completionMatchedText": { textDecoration: "underline" },
  ".cm-completionDetail": { color: "var(--soft)", fontFamily: "system-ui, sans-serif", fontStyle: "normal" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-tooltip-lint .cm-diagnostic": { borderInlineStart: "4px solid var(--bad)", maxInlineSize: "min(34rem, 88vw)", fontFamily: "system-ui, sans-serif" },
  ".cm-panel.cm-panel-lint ul [aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "3px" },
  ".cm-lintPoint-error::after": { borderBlockEndColor: "var(--bad)" },
});

const TYPED = /[^\s{}[\],:"']*$/;

// Columns of rules count characters from 1; the editor counts UTF-16 units from 0.
export function offsetOf(text, line, column) {
  const at = text.line(Math.min(Math.max(line, 1), text.lines));
  return at.from + [...at.text].slice(0, Math.max(column, 1) - 1).join("").length;
}

function columnOf(text, offset) {
  const at = text.lineAt(offset);
  return [at.number, [...at.text.slice(0, offset - at.from)].length + 1];
}

// What `newshole check` says of a file, as marks of the editor: from where it stands to the end of the word.
function marks(text, problems) {
  return problems.map((each) => {
    const from = offsetOf(text, each.line, each.column);
    const line = text.lineAt(from);
    const word = /^[^\s,\]}]+/.exec(line.text.slice(from - line.from));
    return { from, to: from + (word ? word[0].length : 0), severity: "error", message: each.message };
  });
}

// Enter goes on below the key that the line begins with, and a step deeper below a key that has no value yet.
function goOn(view) {
  view.dispatch(view.state.changeByRange((range) => {
    const line = view.state.doc.lineAt(range.from);
    const before = line.text.slice(0, range.from - line.from);
    const margin = /^\s*(?:- +)*/.exec(before)[0].replaceAll("-", " ");
    const insert = `\n${margin}${/:\s*(?:[|>][-+\d]*\s*)?(?:#.*)?$/.test(before) ? "  " : ""}`;
    return {
      changes: { from: range.from, to: range.to, insert },
      range: EditorSelection.cursor(range.from + insert.length),
    };
  }), { scrollIntoView: true, userEvent: "input" });
  return true;
}

function completing(ask) {
  return async (context) => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const typed = TYPED.exec(before)[0];
    if (!context.explicit && !typed && !/[:,[{]\s$/.test(before)) return null;
    const [number, column] = columnOf(context.state.doc, context.pos);
    const found = await ask(context.state.doc.toString(), number, column);
    if (!found || context.aborted) return null;
    return {
      from: offsetOf(context.state.doc, number, found.from),
      options: found.options.map((each, n) => ({
        label: each.label, detail: each.detail, apply: each.insert, boost: -n / 100,
        info: each.detail.length > 80 ? each.detail : undefined,
      })),
      validFor: /^[\w.-]*$/,
    };
  };
}

// An editor in the element `host`. `changed(file, text)` is told of what is typed, `ask(text, line, column)` says
// what may be written there; both only where it `isWritable`.
export class Editor {
  constructor(host, { changed, ask, isWritable }) {
    this.told = { changed, ask, isWritable };
    this.states = new Map();
    this.problems = [];
    this.file = "";
    this.view = new EditorView({ root: host.attachShadow({ mode: "open" }) });
    host.shadowRoot.append(this.view.dom);
  }

  open(file, text, isReadOnly) {
    if (this.file) this.states.set(this.file, this.view.state);
    this.file = file;
    this.view.setState(this.states.get(file) ?? this.made(file, text, isReadOnly));
    this.mark(this.problems);
  }

  put(file, text) {
    this.states.delete(file);
    if (file === this.file) {
      this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
    }
  }

  mark(problems) {
    this.problems = problems;
    const own = problems.filter((each) => each.file === this.file);
    this.view.dispatch(setDiagnostics(this.view.state, marks(this.view.state.doc, own)));
  }

  go(line, column) {
    const at = offsetOf(this.view.state.doc, line, column);
    this.view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    this.view.focus();
  }

  made(file, text, isReadOnly) {
    const extensions = [
      lineNumbers(), highlightSpecialChars(), drawSelection(), bracketMatching(), highlightSelectionMatches(),
      search({ top: false }), syntaxHighlighting(COLOURS), yaml(), indentUnit.of("  "), LOOK,
      EditorView.contentAttributes.of({ "aria-label": file, tabindex: "0" }),
      keymap.of([...searchKeymap, ...defaultKeymap]),
    ];
    if (isReadOnly || !this.told.isWritable) {
      const attributes = EditorView.contentAttributes.of({ "aria-readonly": "true" });
      return EditorState.create({ doc: text, extensions: [extensions, EditorState.readOnly.of(true), attributes, lintGutter()] });
    }
    return EditorState.create({ doc: text, extensions: [this.writing(file), extensions] });
  }

  writing(file) {
    return [
      history(), closeBrackets(), lintGutter(), highlightActiveLine(), highlightActiveLineGutter(),
      autocompletion({
        override: [completing(this.told.ask)], icons: false,
        activateOnCompletion: (each) => each.apply.endsWith(": "),
      }),
      keymap.of([...completionKeymap, { key: "Enter", run: goOn }, ...closeBracketsKeymap, ...lintKeymap, ...historyKeymap]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) this.told.changed(file, update.state.doc.toString());
      }),
    ];
  }
}
