import type { ExportVerification } from '../audit/export/verify-export.js';
import type { LogFault, LogVerification } from '../audit/verify-log.js';
import type { Verification } from './audit-verify.js';
import { moduleLine } from './recompile-modules.js';
import { count, plain, styleOf, type Style } from './style.js';
import type { Terminal } from './terminal.js';
import type { ProofVerification } from './verify-proof-file.js';
import { faultsOfServer, type ServerVerification } from './verify-server.js';

/** What came of verifying, for people. */
export function verificationText(verification: Verification, terminal: Terminal): string {
  const style = styleOf(terminal);
  const { log, modules = [], proof, server, keys_given } = verification;
  const exported = verification.export ?? server?.export;
  return [
    ...(log === undefined ? [] : logLines(log, keys_given, style)),
    ...modules.map(moduleLine),
    ...(proof === undefined ? [] : proofLines(proof, style)),
    ...(exported === undefined ? [] : exportLines(exported, style)),
    ...(server === undefined ? [] : serverLines(server, keys_given, style)),
    `${verdict(verification, style)}\n`,
  ].join('');
}

function logLines(log: LogVerification, keysGiven: boolean, style: Style): readonly string[] {
  const { faults, faults_total, records, minimum_index, sealed, checkpoints, root, keys } = log;
  const end = minimum_index + records;
  const pruned = minimum_index === 0 ? '' : `, after ${count(minimum_index, 'record')} that were pruned`;
  const open = end - sealed;
  const covered =
    sealed === 0 ? 'nothing' : `up to record ${sealed - 1}, by ${count(checkpoints, 'checkpoint')}`;
  return [
    `records  ${records}${pruned}\n`,
    `sealed   ${covered}${open === 0 ? '' : `; ${count(open, 'record')} not yet`}\n`,
    `root     ${root}\n`,
    ...keys.map((key) => `key      ${plain(key)}\n`),
    ...(keysGiven ? [] : [style.yellow("         the log's own: give the one that you know by --vkey\n")]),
    ...faults.map((fault) => `  ${style.red('✗')} ${faultLine(fault)}\n`),
    ...(faults_total > faults.length ? [`  … and ${faults_total - faults.length} more\n`] : []),
  ];
}

function faultLine({ sequence, id, message }: LogFault): string {
  const which = sequence === undefined ? '' : `record ${sequence}${id === undefined ? '' : ` (${id})`}: `;
  return plain(`${which}${message}`);
}

function proofLines(
  { fault, origin, index, size, record }: ProofVerification,
  style: Style,
): readonly string[] {
  if (fault !== undefined) return [`  ${style.red('✗')} ${plain(fault)}\n`];
  return [
    `log      ${plain(origin ?? '')}, ${size ?? 0} records\n`,
    `record   ${index ?? 0}\n`,
    `${plain(record ?? '')}\n`,
  ];
}

const COMPLETENESS = {
  proved: 'everything up to the checkpoint is in it',
  asked: 'the log has as many for this query',
  stated: 'that the query finds no more is what the exporter says; what was left out is fixed',
} as const;

function exportLines(verification: ExportVerification, style: Style): readonly string[] {
  if (!verification.ok) {
    const { row, message } = verification.fault;
    return [`  ${style.red('✗')} ${plain(row === undefined ? message : `row ${row}: ${message}`)}\n`];
  }
  const { format, statement, rows, completeness } = verification;
  const { query, log_size, extracted_at } = statement;
  return [
    `export   ${format}, ${count(rows, 'record')} of a log of ${log_size}, taken ${plain(extracted_at)}\n`,
    `query    ${query === '' ? 'all records' : plain(query)}\n`,
    `complete ${COMPLETENESS[completeness]}\n`,
  ];
}

function serverLines({ against }: ServerVerification, keysGiven: boolean, style: Style): readonly string[] {
  return [
    ...against.map(({ name, size, extended }) =>
      extended
        ? `extends  ${plain(name)}, of ${count(size, 'record')}\n`
        : `  ${style.red('✗')} the log does not extend ${plain(name)}, of ${count(size, 'record')}\n`,
    ),
    ...(keysGiven
      ? []
      : [style.yellow("key      the service's own: give the one that you know by --vkey\n")]),
  ];
}

function verdict({ verified, log, modules, proof, server, ...rest }: Verification, style: Style): string {
  if (!verified) {
    const bad = (log?.faults ?? []).flatMap(({ sequence }) => sequence ?? []);
    const differing = (modules ?? []).filter(({ same }) => !same).length;
    const why = [
      ...(log === undefined || log.faults_total === 0 ? [] : [count(log.faults_total, 'fault')]),
      ...(bad.length === 0 ? [] : [`the first bad record is ${Math.min(...bad)}`]),
      ...(differing === 0
        ? []
        : [`${differing} of ${modules?.length ?? 0} modules differ from their source`]),
      ...(proof === undefined ? [] : ['the proof does not hold']),
      ...(rest.export === undefined ? [] : ['the export is not what the log has']),
      ...(server === undefined ? [] : faultsOfServer(server).slice(0, 1).map(plain)),
    ];
    return `${style.red('not verified')}: ${why.join('; ')}`;
  }
  if (proof !== undefined) return `${style.green('verified')}: the log has this record`;
  if (rest.export !== undefined)
    return `${style.green('verified')}: the log has each of these records, in its place`;
  if (server !== undefined)
    return `${style.green('verified')}: every record is as it was written, and none is missing`;
  const recompiled =
    modules === undefined
      ? ''
      : `, and ${count(modules.length, 'module')}, each the one that its source makes`;
  return `${style.green('verified')}: ${held(log)}${recompiled}`;
}

/** What was found to hold of the records: no more than a checkpoint says. */
function held(log: LogVerification | undefined): string {
  if (log === undefined || log.minimum_index + log.records === 0) return 'the log is empty';
  const open = log.minimum_index + log.records - log.sealed;
  if (open === 0) return 'every record is as it was written, and none is missing';
  return `each of the first ${count(log.sealed, 'record')} is as it was written, and none is missing; the last ${open} no checkpoint covers yet`;
}
