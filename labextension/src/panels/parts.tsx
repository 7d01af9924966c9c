/** Small parts that several panels share. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { copy } from "../core/clipboard.js";
import { duration } from "../core/format.js";
import { tokens } from "../core/python.js";
import { useStore } from "./context.js";
import { Icon } from "./icons.js";
import type { IconName } from "./icon-shapes.js";

interface IconButtonProps {
  icon: IconName;
  label: string;
  onClick?: () => void;
  disabled?: boolean;
  small?: boolean;
  expanded?: boolean;
}

export function IconButton({ icon, label, onClick, disabled, small, expanded }: IconButtonProps) {
  return (
    <button
      type="button"
      class="btn ic"
      aria-label={label}
      title={label}
      disabled={disabled ?? false}
      onClick={onClick}
      {...(expanded === undefined ? {} : { "aria-expanded": expanded })}
    >
      <Icon name={icon} small={small ?? false} />
    </button>
  );
}

/** A button that copies, and says for a moment that it did. */
export function CopyButton({ text, label, class: className = "btn", children }: { text: string | (() => string | Promise<string>); label: string; class?: string; children?: ComponentChildren }) {
  const store = useStore();
  const [done, setDone] = useState(false);
  useEffect(() => {
    const timer = done ? setTimeout(() => setDone(false), 1600) : undefined;
    return () => clearTimeout(timer);
  }, [done]);
  const onClick = async () => {
    const copied = await copy(typeof text === "string" ? text : await text()).catch(() => false);
    setDone(copied);
    store.say(copied ? `${label}: copied` : `${label}: the browser refused to copy`);
  };
  return (
    <button type="button" class={className} aria-label={children ? undefined : label} title={label} onClick={() => void onClick()}>
      {done && !children ? <Icon name="o-ok" /> : children ?? <Icon name="i-copy" />}
      {done && children ? <span class="vh"> copied</span> : null}
    </button>
  );
}

/** A line of Python with the notebook's own colours. Only text nodes. */
export function Python({ code, class: className = "py" }: { code: string; class?: string }) {
  return (
    <span class={className}>
      {tokens(code).map(([kind, text]) => (kind ? <span class={kind}>{text}</span> : text))}
    </span>
  );
}

interface PopoverProps {
  anchor: () => Element | null;
  class?: string;
  label: string;
  role?: "menu" | "dialog";
  /** What gets the focus; else the first field, or button. */
  first?: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A box in the browser's top layer, so that neither the panel's scrolling nor a transformed notebook clips it. */
export function Popover({ anchor, class: className = "", label, role = "dialog", first = "[autofocus], input", onClose, children }: PopoverProps) {
  const box = useRef<HTMLDivElement>(null);
  // Before the next key: an effect that waits for the page's next frame leaves it to the button below.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.showPopover?.();
    place(element, anchor());
    (element.querySelector<HTMLElement>(first) ?? element.querySelector<HTMLElement>("button:not([disabled])"))?.focus();
    const toggled = (event: Event) => {
      if ((event as ToggleEvent).newState === "closed") onClose();
    };
    element.addEventListener("toggle", toggled);
    return () => element.removeEventListener("toggle", toggled);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    event.preventDefault();
    onClose();
    (anchor() as HTMLElement | null)?.focus();
  };
  return (
    <div ref={box} class={`pop ${className}`} role={role} aria-label={label} onKeyDown={onKeyDown} {...{ popover: "auto" }}>
      {children}
    </div>
  );
}

function place(element: HTMLElement, anchor: Element | null): void {
  if (!anchor) return;
  const at = anchor.getBoundingClientRect();
  const { width, height } = element.getBoundingClientRect();
  const left = Math.min(Math.max(4, at.left), Math.max(4, innerWidth - width - 4));
  const below = at.bottom + 2;
  const top = below + height > innerHeight && at.top - height - 2 > 0 ? at.top - height - 2 : below;
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
}

/** Two or more buttons of which one is pressed. */
export function Segments<T extends string>({ label, value, options, onPick }: { label: string; value: T; options: readonly (readonly [T, string])[]; onPick: (value: T) => void }) {
  return (
    <span class="seg" role="group" aria-label={label}>
      {options.map(([key, text]) => (
        <button type="button" aria-pressed={key === value} onClick={() => onPick(key)}>
          {text}
        </button>
      ))}
    </span>
  );
}

/** The 95th percentile as header and cards have it; the statistics have another one, and both say of what. */
export function P95({ ns, of }: { ns: number | null; of: string }) {
  const says = ns === null ? "Too few samples for a percentile" : `95 % of ${of} took no longer; the statistics look further back`;
  return <span class="nw" title={says}><span class="recent">recent </span>p95 {ns === null ? "n too small" : <b>{duration(ns)}</b>}</span>;
}

export function PanelHead({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="ph">
      <h3>{title}</h3>
      {children}
    </div>
  );
}
