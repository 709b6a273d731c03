import type { Metadata } from './metadata.js';
import type { Contract } from './contract.js';
import { nearestPosition, type Locate, type Position } from '../document/position.js';

/** A file that was read: what it holds, and where things stand in it. */
export interface ReadFile {
  readonly metadata: Metadata;
  readonly file?: string | undefined;
  readonly locate?: Locate | undefined;
}

/** A product with the contracts of its output ports, and the files that each was read from. */
export interface AssembledProduct extends Metadata {
  readonly origin: {
    readonly product: ReadFile;
    /** In the order of `contracts`. */
    readonly contracts: readonly ReadFile[];
  };
}

/**
 * Products from files read one by one: an output port's `contractId` joins the contract of that id. A contract that no
 * product refers to stands for a product of its own; several that name the same `dataProduct` are ports of one.
 */
export function assemble(files: readonly ReadFile[]): readonly AssembledProduct[] {
  const described = files.filter(({ metadata }) => metadata.format !== 'odcs');
  const loose = files.filter(({ metadata }) => metadata.format === 'odcs');
  const offered = contractsById(loose);
  const joined = new Set<ReadFile>();
  const products = described.map((file) => {
    const own = file.metadata.contracts.map((contract): [Contract, ReadFile] => [contract, file]);
    const others = [...new Set(contractIds(file.metadata))]
      .flatMap((id) => offered.get(id) ?? [])
      .sort((a, b) => a.position - b.position);
    for (const { origin } of others) joined.add(origin);
    return assembled(file, [
      ...own,
      ...others.map(({ contract, origin }): [Contract, ReadFile] => [contract, origin]),
    ]);
  });
  return [...products, ...standingAlone(loose.filter((file) => !joined.has(file)))];
}

/** A contract of a file of its own, and where it stands among all of them. */
interface OfferedContract {
  readonly contract: Contract;
  readonly origin: ReadFile;
  readonly position: number;
}

function contractsById(files: readonly ReadFile[]): ReadonlyMap<string, readonly OfferedContract[]> {
  const offered = new Map<string, OfferedContract[]>();
  const all = files.flatMap((origin) => origin.metadata.contracts.map((contract) => ({ contract, origin })));
  for (const [position, { contract, origin }] of all.entries()) {
    if (contract.id === undefined) continue;
    const ofId = offered.get(contract.id) ?? [];
    ofId.push({ contract, origin, position });
    offered.set(contract.id, ofId);
  }
  return offered;
}

function standingAlone(files: readonly ReadFile[]): readonly AssembledProduct[] {
  const byProduct = new Map<string, ReadFile[]>();
  files.forEach((file, index) => {
    const [contract] = file.metadata.contracts;
    const key = contract?.dataProduct === undefined ? `${index}` : `=${contract.dataProduct}`;
    byProduct.set(key, [...(byProduct.get(key) ?? []), file]);
  });
  return [...byProduct.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const ports = group.flatMap(({ metadata }) => metadata.product.outputPorts ?? []);
    const metadata = { ...first.metadata, product: { ...first.metadata.product, outputPorts: ports } };
    const contracts = group.flatMap((file) =>
      file.metadata.contracts.map((contract): [Contract, ReadFile] => [contract, file]),
    );
    return [assembled({ ...first, metadata }, contracts)];
  });
}

function assembled(file: ReadFile, contracts: readonly (readonly [Contract, ReadFile])[]): AssembledProduct {
  return {
    format: file.metadata.format,
    product: file.metadata.product,
    contracts: contracts.map(([contract]) => contract),
    origin: { product: file, contracts: contracts.map(([, origin]) => origin) },
  };
}

function contractIds({ product }: Metadata): readonly string[] {
  return (product.outputPorts ?? []).flatMap(({ contractId }) =>
    contractId === undefined ? [] : [contractId],
  );
}

/** Where in the files that a product was read from the thing stands that a pointer into the policy input names, such as `/contracts/0/schema/1`. */
export function placeInFiles(
  { origin }: AssembledProduct,
  path: string,
): (Partial<Position> & { file?: string }) | undefined {
  const [, part, rest] = /^\/(product|contracts)(\/.*)?$/.exec(path) ?? [];
  if (part === undefined) return undefined;
  const [, index = '0', inside = ''] = part === 'contracts' ? (/^\/(\d+)(.*)$/.exec(rest ?? '') ?? []) : [];
  const from = part === 'product' ? origin.product : origin.contracts[Number(index)];
  if (from === undefined) return undefined;
  const pointer = part === 'product' ? (rest ?? '') : inside;
  const position = from.locate && nearestPosition(from.locate, pointer);
  return { ...(from.file === undefined ? {} : { file: from.file }), ...position };
}
