import { WitanError, type Fault } from '../errors.js';
import { isObject } from '../document/json.js';
import type { Contract } from './contract.js';
import { detectFormat } from './detect.js';
import { bitolOdps } from './formats/bitol-odps.js';
import { dpds } from './formats/dpds.js';
import type { Format } from './formats/format.js';
import { lfOdpsLegacy } from './formats/lf-odps-legacy.js';
import { lfOdps } from './formats/lf-odps.js';
import { odcs } from './formats/odcs.js';
import { assemble } from './assemble.js';
import type { FormatName, Metadata } from './metadata.js';
import { excessOf } from '../document/parse.js';
import type { Locate } from '../document/position.js';

const FORMATS: Readonly<Record<FormatName, Format>> = {
  'bitol-odps': bitolOdps,
  odcs,
  dpds,
  'lf-odps': lfOdps,
  'lf-odps-legacy': lfOdpsLegacy,
};

/** Faults that one error lists; its message says how many more there are. */
const FAULTS_MAX = 50;

interface ReadOptions {
  readonly file?: string | undefined;
  /** Gives faults their rows and columns. */
  readonly locate?: Locate | undefined;
  /** JSON pointer to the document inside of what was handed in, put before every fault's own. */
  readonly base?: string | undefined;
}

/**
 * Reads one descriptor of any supported format into the normal form. Throws `descriptor_unknown_format`, or
 * `descriptor_invalid` with every fault that the format's own schema finds.
 */
export function readDescriptor(document: unknown, options: ReadOptions = {}): Metadata {
  const excess = excessOf(document);
  if (excess !== undefined) {
    const fault = placed({ message: excess }, options);
    throw new WitanError('descriptor_malformed', `${nameOf(options)} cannot be read: ${excess}`, {
      faults: [fault],
    });
  }
  const format = FORMATS[detectFormat(document, placed({ message: '' }, options))];
  const faults = format.standard.faults(document);
  if (faults.length > 0 || !isObject(document)) throw invalid(format.standard.title, faults, options);
  return { format: format.name, ...format.read(document) };
}

/** What a request says of a data product: its descriptor, and contracts (ODCS) beside it. */
interface DescribedInRequest {
  readonly descriptor?: unknown;
  readonly contracts?: unknown;
}

/**
 * Reads the metadata that come with a request. Faults have pointers below `base`, such as
 * `/resource/properties/contracts/1/schema/0/name`; those of the descriptor and of every contract are reported at once.
 */
export function readMetadata(
  { descriptor, contracts }: DescribedInRequest,
  { base = '' }: { base?: string } = {},
): Metadata {
  const faults: Fault[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (thrown) {
      // An unknown or malformed descriptor is an answer of its own, whatever else is wrong.
      if (!(thrown instanceof WitanError) || thrown.code !== 'descriptor_invalid') throw thrown;
      faults.push(...thrown.faults);
      return undefined;
    }
  };
  const described =
    descriptor === undefined
      ? undefined
      : attempt(() => readDescriptor(descriptor, { base: `${base}/descriptor` }));
  const given = attempt(() => contractsOf(contracts, `${base}/contracts`));
  if (faults.length > 0) throw invalid('metadata', faults, {});
  const files = (given ?? []).map((metadata) => ({ metadata }));
  if (described === undefined) {
    const [product] = assemble(files);
    if (product !== undefined)
      return { format: product.format, product: product.product, contracts: files.flatMap(contractsIn) };
    throw invalid(
      'metadata',
      [
        {
          pointer: `${base}/descriptor`,
          code: 'required',
          message: 'is required when there are no contracts',
        },
      ],
      {},
    );
  }
  const ids = new Set(files.flatMap(contractsIn).map(({ id }) => id));
  const own = described.contracts.filter(({ id }) => !ids.has(id));
  return { ...described, contracts: [...own, ...files.flatMap(contractsIn)] };
}

function contractsIn({ metadata }: { readonly metadata: Metadata }): readonly Contract[] {
  return metadata.contracts;
}

function contractsOf(contracts: unknown, base: string): readonly Metadata[] {
  if (contracts === undefined) return [];
  if (!Array.isArray(contracts))
    throw invalid(
      'metadata',
      [{ pointer: base, code: 'type', message: 'must be a list of ODCS contracts' }],
      {},
    );
  const faults: Fault[] = [];
  const read = (contracts as unknown[]).map((contract, index) => {
    const found = contractFaults(contract).map((fault) => placed(fault, { base: `${base}/${index}` }));
    faults.push(...found);
    return found.length > 0 || !isObject(contract) ? undefined : odcs.read(contract);
  });
  if (faults.length > 0) throw invalid(odcs.standard.title, faults, {});
  return read.filter((form) => form !== undefined).map((form) => ({ format: odcs.name, ...form }));
}

function contractFaults(contract: unknown): readonly Fault[] {
  const excess = excessOf(contract);
  return excess === undefined ? odcs.standard.faults(contract) : [{ pointer: '', message: excess }];
}

function placed(fault: Fault, { file, locate, base }: ReadOptions): Fault {
  const pointer = fault.pointer ?? '';
  return {
    ...(file === undefined ? {} : { file }),
    ...locate?.(pointer),
    ...fault,
    pointer: `${base ?? ''}${pointer}`,
  };
}

function invalid(title: string, faults: readonly Fault[], options: ReadOptions): WitanError {
  const listed = faults.slice(0, FAULTS_MAX).map((fault) => placed(fault, options));
  const more = faults.length - listed.length;
  const count =
    faults.length === 1
      ? ''
      : ` (and ${faults.length - 1} more${more > 0 ? `, of which ${more} are not listed` : ''})`;
  const what =
    title === 'metadata' ? 'the metadata are not valid' : `${nameOf(options)} is not valid ${title}`;
  return new WitanError('descriptor_invalid', `${what}: ${faults[0]?.message ?? 'it is no object'}${count}`, {
    faults: listed,
  });
}

function nameOf({ file }: ReadOptions): string {
  return file === undefined ? 'the descriptor' : `\`${file}\``;
}
