/** What the bench said of a draft: problems that lead to their line, and each event that it was tried on. */
import { useContext } from "preact/hooks";
import type { Problem, SourceData, TriedEvent } from "../../core/source-data.js";
import type { Said } from "../../core/sheets.js";
import { visible } from "../../core/text.js";
import { triedFirst } from "../../core/verdict.js";
import { ShowContext, useStore } from "../context.js";
import { Icon, OutcomeMark } from "../icons.js";

/** Lines are counted here as they are beside the text, and said once. */
const unnumbered = (text: string, line: number) => visible(text.replace(` (line ${line})`, ""));

interface ResultsProps {
  data: SourceData;
  onLine: (line: number, column: number | null) => void;
}

const TONES = { good: "o-ok", warn: "s-warn", bad: "o-raised" } as const;

/** One sentence, spoken when it comes. */
export function SaidLine() {
  const { sources } = useStore();
  const said = sources.said.value;
  if (!said) return <div class="said" role="status">{sources.busy.value ? "Asking the bench…" : null}</div>;
  const called = said.verdict?.applied ? definedIn(said.text) : null;
  const name = sources.data.value?.name;
  const since = said.verdict && !said.verdict.applied && said.text !== sources.text.value;
  return (
    <div class={`said ${said.tone}`} role="status">
      <Icon name={TONES[said.tone]} as="" />
      <span>{visible(said.words)}{since ? " The draft was changed since." : ""}{called && name && called !== name ? ` The function is called ${called}; the hook keeps its name.` : ""}</span>
    </div>
  );
}

export const hasDetails = (said: Said | null) => Boolean(said?.verdict && (said.verdict.problems.length || said.verdict.trial?.events.length));

export function Results({ data, onLine }: ResultsProps) {
  const { problems = [], trial, decorators } = useStore().sources.said.value?.verdict ?? {};
  const left = decorators?.left_out ?? [];
  return (
    <>
      {problems.length ? <Problems problems={problems} first={data.first_line} onLine={onLine} /> : null}
      {left.length ? <p class="mut fs1">{left.map((one) => <><code>{visible(one)}</code> </>)} left out: the hook is attached already, at {data.point}.</p> : null}
      {trial?.events.length ? <Tried events={trial.events} onLine={onLine} first={data.first_line} /> : null}
    </>
  );
}

/** The function that a draft defines. */
const definedIn = (text: string): string | null => /^\s*(?:async\s+)?def\s+(\w+)/m.exec(text)?.[1] ?? null;

function Problems({ problems, first, onLine }: { problems: readonly Problem[]; first: number; onLine: ResultsProps["onLine"] }) {
  return (
    <ul class="wrongs" aria-label="Problems">
      {problems.map(({ line, column, message }) => (
        <li>
          {line === null ? visible(message) : (
            <button type="button" class="lnk" onClick={() => onLine(line, column)}>line {line + first - 1}: {unnumbered(message, line)}</button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Tried({ events, first, onLine }: { events: readonly TriedEvent[]; first: number; onLine: ResultsProps["onLine"] }) {
  const store = useStore();
  const show = useContext(ShowContext);
  const inspect = (dispatch: number) => {
    store.select(dispatch);
    show("inspector");
  };
  return (
    <ul class="tried" aria-label="Events that the draft was tried on">
      {triedFirst(events).map(({ dispatch, outcome, says, line, printed }) => (
        <li key={dispatch}>
          <button type="button" class="lnk" title="Show this event in the inspector" onClick={() => inspect(dispatch)}>event {dispatch}</button>
          {outcome === "late" ? <span class="oc oc-pending"><Icon name="o-pending" as="" /><span>too slow</span></span> : <OutcomeMark outcome={outcome} />}
          {says ? <span class="code">{line === null ? visible(says) : unnumbered(says, line)}</span> : null}
          {printed ? <span class="code mut">› {visible(printed)}</span> : null}
          {line === null ? null : <button type="button" class="lnk" onClick={() => onLine(line, null)}>line {line + first - 1}</button>}
        </li>
      ))}
    </ul>
  );
}
