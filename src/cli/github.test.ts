import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotation } from './github.js';

/** What GitHub Actions reads of a line, as its runner does (actions/runner, ActionCommand.TryParseV2). */
function parsed(line: string) {
  const [, command = '', properties = '', data = ''] =
    /^::(\w+)(?: ([^:]*(?::(?!:)[^:]*)*?))?::(.*)$/.exec(line) ?? [];
  const unescapeData = (value: string): string =>
    value.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
  const unescapeProperty = (value: string): string =>
    value
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  const read = properties
    .split(',')
    .filter((pair) => pair !== '')
    .map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), unescapeProperty(pair.slice(at + 1))];
    });
  return { command, properties: Object.fromEntries(read), data: unescapeData(data) };
}

/** Texts that are made of what the format itself is made of, among others. */
const awkward = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom('%', ':', ',', '=', '\n', '\r', '::', '%0A', '%25', ' ', 'a', 'ä'), {
      maxLength: 12,
    })
    .map((parts) => parts.join('')),
);

describe('annotations of GitHub Actions', () => {
  it('are one line, and come back as they went in', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('error' as const, 'warning' as const, 'notice' as const),
        fc.record({ file: awkward, message: awkward, row: fc.nat(), column: fc.nat() }),
        awkward,
        (level, fault, title) => {
          const line = annotation(level, fault, title);
          expect(line.endsWith('\n')).toBe(true);
          expect(line.slice(0, -1)).not.toMatch(/[\r\n]/);
          expect(parsed(line.slice(0, -1))).toEqual({
            command: level,
            properties: { file: fault.file, line: String(fault.row), col: String(fault.column), title },
            data: fault.message.trim(),
          });
        },
      ),
    );
  });

  it('name the place, the pointer and the code', () => {
    const fault = {
      file: 'a,b.rego',
      row: 3,
      column: 5,
      pointer: '/a',
      code: 'rego_type_error',
      message: '100 %\nno',
    };
    expect(annotation('error', fault)).toBe(
      '::error file=a%2Cb.rego,line=3,col=5::/a 100 %25%0Ano [rego_type_error]\n',
    );
    expect(annotation('warning', { message: 'no place' })).toBe('::warning::no place\n');
  });
});
