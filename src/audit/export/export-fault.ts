/** What is wrong with an export, and where. */
export class ExportFault extends Error {
  /** From 1; the header of a table does not count. */
  readonly row: number | undefined;

  constructor(
    message: string,
    { row, sequence }: { readonly row?: number | undefined; readonly sequence?: number | undefined } = {},
  ) {
    const record = sequence === undefined ? '' : ` (record ${sequence})`;
    super(row === undefined ? message : `row ${row}${record}: ${message}`);
    this.name = 'ExportFault';
    this.row = row;
  }
}
