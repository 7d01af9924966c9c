/** What looks like a mistake: one sentence, how often, events that show it, a fix; muted where it is meant so. */
import { count } from "../core/format.js";
import type { LintRow } from "../core/insight-data.js";
import { visible } from "../core/text.js";
import { useKept, useStore } from "./context.js";
import { Icon } from "./icons.js";
import { goTo } from "./keys.js";

const keyOf = (lint: LintRow) => `${lint.rule}:${lint.hook || lint.name}`;

export function Lints() {
  const store = useStore();
  const muted = useKept<readonly string[]>("lints muted", []);
  const data = store.insights.lints.value;
  const lints = (data?.lints ?? []).filter((l) => !muted.value.includes(keyOf(l)));
  return (
    <div class="body scroll" tabIndex={0} role="region" aria-label="Lints">
      {lints.length === 0 ? (
        <div class="empty">
          <h4>Nothing looks wrong</h4>
          <span>{data?.sample ? `Looked at the newest ${count(data.sample)} events and at every hook.` : "Once events come, hooks that forget to return, to await or to answer are named here."}</span>
        </div>
      ) : null}
      <ul class="lints">
        {lints.map((lint) => <Lint key={keyOf(lint)} lint={lint} onMute={() => (muted.value = [...muted.value, keyOf(lint)])} />)}
      </ul>
      {muted.value.length ? <p class="note">{muted.value.length} muted in this view. <button type="button" class="lnk" onClick={() => (muted.value = [])}>Show them</button></p> : null}
    </div>
  );
}

function Lint({ lint, onMute }: { lint: LintRow; onMute: () => void }) {
  const store = useStore();
  const open = (event: MouseEvent) => {
    store.pickedHook.value = lint.hook;
    goTo((event.currentTarget as HTMLElement).closest<HTMLElement>(".wb"), "chain");
  };
  return (
    <li>
      <Icon name="s-warn" as="" />
      <div>
        <b>{visible(lint.sentence)}</b>
        <p class="mut">{visible(lint.why)}</p>
        <p class="mut">
          {count(lint.count)} {lint.count === 1 ? "time" : "times"}
          {lint.examples.length ? ", for example " : ""}
          {lint.examples.map((dispatch, i) => (
            <>{i ? ", " : ""}<button type="button" class="lnk" onClick={() => store.select(dispatch)}>event {count(dispatch)}</button></>
          ))}
        </p>
        <p class="fix">{visible(lint.fix)}</p>
        {lint.hook ? <button type="button" class="btn line" onClick={open}>Open {lint.name}</button> : null}
        <button type="button" class="btn" onClick={onMute}>Mute</button>
      </div>
    </li>
  );
}
