import { WAIVER_STATES, type WaiverRequest, type WaiverState } from '../../council/waiver-request.js';
import { isObject, writeJson } from '../../document/json.js';
import { ServerError } from '../ask-server.js';
import type { CommandNeeds } from '../command.js';
import { plain, styleOf, type Style } from '../style.js';
import { EXIT, type ExitCode } from '../terminal.js';
import { section } from './sections.js';

/** A waiver as the service answers it. */
export interface ShownWaiver extends WaiverRequest {
  /** Whether it exempts now. */
  readonly in_force?: boolean;
  /** Whether there is nothing left for it to exempt from. */
  readonly falls_away?: boolean;
}

/** @throws ServerError when the answer is no waiver */
export function waiverIn(answer: unknown): ShownWaiver {
  const texts = ['id', 'layer', 'policy', 'domain', 'category', 'reason', 'until', 'state', 'asked_by'];
  if (
    isObject(answer) &&
    texts.every((name) => typeof answer[name] === 'string') &&
    WAIVER_STATES.some((state) => state === answer['state'])
  ) {
    // INVARIANT: what a command shows of a waiver was looked at here.
    return answer as unknown as ShownWaiver;
  }
  throw new ServerError('the service answered something that is no waiver');
}

/** Shows a waiver that was asked for or acted on. */
export function showWaiver(
  answer: unknown,
  json: boolean,
  { terminal, nowMs }: Pick<CommandNeeds, 'terminal' | 'nowMs'>,
): ExitCode {
  const waiver = waiverIn(answer);
  terminal.out(json ? `${writeJson(answer, 2)}\n` : waiverText(waiver, nowMs(), styleOf(terminal)));
  return EXIT.fine;
}

function waiverText(waiver: ShownWaiver, nowMs: number, style: Style): string {
  const { id, layer, policy, domain, category, reason, asked_by, asked_at } = waiver;
  const head = `${style.bold(plain(`#${id} ${layer}/${policy} for ${domain}`))}  ${paintWaiver(waiver, nowMs, style)}\n`;
  const lines = [
    `category: ${category}`,
    `covers:   ${coverOf(waiver)}`,
    `until:    ${waiver.until}`,
    `asked:    by ${asked_by}, ${asked_at}: ${reason}`,
    ...(waiver.decided_by === undefined
      ? []
      : [`decided:  by ${waiver.decided_by}, ${waiver.decided_at ?? ''}: ${waiver.decision_reason ?? ''}`]),
    ...(waiver.revoked_by === undefined
      ? []
      : [`revoked:  by ${waiver.revoked_by}, ${waiver.revoked_at ?? ''}: ${waiver.revocation_reason ?? ''}`]),
  ];
  const next =
    waiver.state === 'requested'
      ? [`witan waiver grant ${id} --reason …`, `witan waiver refuse ${id} --reason …`]
      : [];
  return `${head}${lines.map((line) => `  ${plain(line)}\n`).join('')}${section('next, by another member of the council', next.map(plain), style)}`;
}

/** What it covers, in words. */
export function coverOf({ resources, subjects }: Pick<WaiverRequest, 'resources' | 'subjects'>): string {
  const parts = [
    ...(resources === undefined ? [] : [resources.join(', ')]),
    ...(subjects === undefined ? [] : [`subjects ${subjects.join(', ')}`]),
  ];
  return parts.length === 0 ? 'all' : parts.join('; ');
}

/** A granted waiver may be past its end, or have lost its policy, though nobody revoked it. */
export function stateInWords({ state, until, falls_away }: ShownWaiver, nowMs: number): string {
  if (state !== 'granted') return state;
  if (falls_away === true) return 'no longer needed';
  return Date.parse(until) <= nowMs ? 'over' : state;
}

const PAINTS: Readonly<Record<WaiverState, (style: Style) => (text: string) => string>> = {
  requested: (style) => style.yellow,
  granted: (style) => style.green,
  refused: (style) => style.red,
  revoked: (style) => style.dim,
};

export function paintWaiver(waiver: ShownWaiver, nowMs: number, style: Style): string {
  const word = stateInWords(waiver, nowMs);
  return word === waiver.state ? PAINTS[waiver.state](style)(word) : style.dim(word);
}
