/** Parts of Python by class; they are coloured as the lines of Python elsewhere on the bench. */
import { tagHighlighter, tags as t } from "@lezer/highlight";

export const colours = tagHighlighter([
  { tag: [t.keyword, t.bool, t.null, t.self], class: "k" },
  { tag: [t.string, t.special(t.string), t.character], class: "s" },
  { tag: t.comment, class: "c" },
  { tag: [t.number], class: "m" },
  { tag: [t.function(t.definition(t.variableName)), t.definition(t.className)], class: "f" },
]);
