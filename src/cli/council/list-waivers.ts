import { isObject, writeJson } from '../../document/json.js';
import type { CommandNeeds } from '../command.js';
import { count, plain, styleOf } from '../style.js';
import { EXIT, type ExitCode } from '../terminal.js';
import { objectsIn } from './answers.js';
import { paintedTable, paintWord } from './painted-table.js';
import { headOf } from './sections.js';
import type { Service } from './service.js';
import { coverOf, paintWaiver, stateInWords, waiverIn } from './waiver-text.js';

interface ListOptions {
  /** Members of the query; what is `undefined` is not asked for. */
  readonly filter: Readonly<Record<string, string | undefined>>;
  readonly json: boolean;
}

const CELL_CHARS_MAX = 50;
const COLUMNS = ['id', 'state', 'policy', 'domain', 'category', 'until', 'covers', 'reason'].map((title) => ({
  title,
}));

/** Lists waivers as a table, one row for each. */
export async function runWaiverList(
  { filter, json }: ListOptions,
  service: Service,
  { terminal, nowMs }: Pick<CommandNeeds, 'terminal' | 'nowMs'>,
): Promise<ExitCode> {
  const given = Object.entries(filter).filter((each): each is [string, string] => each[1] !== undefined);
  const query = new URLSearchParams(given).toString();
  const answer = await service.get(`v1/waivers${query === '' ? '' : `?${query}`}`);
  const waivers = objectsIn(answer, 'waivers').map(waiverIn);
  if (json) {
    terminal.out(`${writeJson(answer, 2)}\n`);
    return EXIT.fine;
  }
  const style = styleOf(terminal);
  const now = nowMs();
  const rows = waivers.map((waiver) => {
    const { id, layer, policy, domain, category, until, reason } = waiver;
    const cells = [id, stateInWords(waiver, now), `${layer}/${policy}`, domain, category, until];
    return [...cells, ...[coverOf(waiver), reason].map((text) => headOf(text, CELL_CHARS_MAX))];
  });
  terminal.out(
    paintedTable(COLUMNS, rows, style, (line, at) => {
      const waiver = waivers[at];
      return waiver === undefined
        ? line
        : paintWord(line, stateInWords(waiver, now), () => paintWaiver(waiver, now, style));
    }),
  );
  const next = isObject(answer) ? answer['next'] : undefined;
  terminal.err(
    typeof next === 'string'
      ? `more follow: --cursor ${plain(next)}\n`
      : `${count(waivers.length, 'waiver')}\n`,
  );
  return EXIT.fine;
}
