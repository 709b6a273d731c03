/** Writes the mesh that services of the benchmark are seeded with: the one of `scripts/bench/mesh`, and more products. */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { columns, contractOf, descriptorOf, PRODUCTS, wideColumns } from './workload.mjs';

/** @param folder that is not there yet */
export function writeMesh(folder) {
  cpSync('scripts/bench/mesh', folder, { recursive: true });
  for (const [kind, properties] of [
    ['orders', columns],
    ['wide', wideColumns],
  ]) {
    for (let product = 0; product < PRODUCTS; product += 1) {
      const write = (suffix, document) =>
        writeFileSync(
          join(folder, 'products', `${kind}-${product}.${suffix}.yaml`),
          // JSON is YAML.
          `${JSON.stringify(document)}\n`,
        );
      write('odps', descriptorOf(kind, product));
      write('odcs', contractOf(kind, product, properties));
    }
  }
}
