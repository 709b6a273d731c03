import { isObject } from '../../document/json.js';
import { customProperties, objectAt, objectsAt, textAt, without, type Members } from './normal-form.js';

/** Columns nest; deeper ones are left out. */
const NESTING_MAX = 20;

/**
 * The tables that an API definition describes: those of the Open Data Mesh's own `datastoreapi` (JSON Schema), and the
 * messages of AsyncAPI 2 and 3 (JSON Schema or Avro). Other definitions have none.
 */
export function tablesOf(definition: unknown): readonly object[] {
  if (!isObject(definition)) return [];
  const schema = objectAt(definition, 'schema');
  const tables = [...objectsAt(schema, 'tables'), ...objectsAt(definition, 'tables')];
  const described = tables.length > 0 ? tables.map(tableOf) : [tableOf(schema)];
  return [...described, ...messagesOf(definition)].filter((table) => table.properties.length > 0);
}

function tableOf(table: Members) {
  const definition = isObject(table['definition']) ? table['definition'] : table;
  return {
    name: textAt(definition, 'name') ?? textAt(table, 'name') ?? textAt(definition, 'title'),
    physicalName: textAt(definition, 'physicalName') ?? textAt(table, 'physicalName'),
    businessName: textAt(definition, 'displayName') ?? textAt(table, 'displayName'),
    description: textAt(definition, 'description') ?? textAt(table, 'description'),
    physicalType: textAt(definition, 'physicalType') ?? textAt(table, 'tableType') ?? 'table',
    logicalType: 'object',
    tags: table['tags'] ?? definition['tags'],
    properties: columnsOf(definition, 0),
    customProperties: customProperties({
      id: table['id'],
      version: table['version'],
      owner: definition['owner'],
      status: definition['status'],
    }),
  };
}

function messagesOf(definition: Members) {
  return Object.entries(objectAt(definition, 'channels')).flatMap(([channel, described]) => {
    if (!isObject(described)) return [];
    const messages = Object.values(objectAt(described, 'messages'));
    for (const direction of ['subscribe', 'publish'])
      messages.push(objectAt(described, direction)['message']);
    return messages.filter(isObject).map((message) => {
      const payload = objectAt(message, 'payload');
      const schema = isObject(payload['schema']) ? payload['schema'] : payload;
      return {
        ...tableOf(schema),
        name: channel,
        physicalType: 'topic',
        description: textAt(described, 'description') ?? textAt(message, 'description'),
      };
    });
  });
}

/** Columns written as JSON Schema `properties`, as Avro `fields` or as a list of `columns`. */
function columnsOf(schema: Members, depth: number): object[] {
  if (depth >= NESTING_MAX) return [];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const properties = Object.entries(objectAt(schema, 'properties')).flatMap(([name, column]) =>
    isObject(column)
      ? [columnOf(name, column, required.includes(name) || column['required'] === true, depth)]
      : [],
  );
  const listed = [...objectsAt(schema, 'fields'), ...objectsAt(schema, 'columns')].map((column) =>
    columnOf(textAt(column, 'name'), column, column['required'] === true ? true : undefined, depth),
  );
  return [...properties, ...listed];
}

function columnOf(
  name: string | undefined,
  column: Members,
  required: boolean | undefined,
  depth: number,
): object {
  // Avro nests the type as an object of its own.
  const type = isObject(column['type']) ? { ...column, ...column['type'], name } : column;
  const written = textAt(type, 'type') ?? textAt(type, 'dataType');
  const nested = columnsOf(type, depth + 1);
  return stated({
    name,
    businessName: textAt(column, 'displayName'),
    description: textAt(column, 'description') ?? textAt(column, 'doc'),
    logicalType: LOGICAL_TYPES.get((written ?? '').toLowerCase()),
    physicalType: textAt(column, 'physicalType') ?? written,
    required,
    unique: column['isUnique'],
    classification: textAt(column, 'classificationLevel') ?? textAt(column, 'classification'),
    partitioned: column['partitionStatus'],
    partitionKeyPosition: column['partitionKeyPosition'],
    examples: column['examples'],
    tags: column['tags'],
    properties: nested.length > 0 ? nested : undefined,
    customProperties: customProperties(without(column, COLUMN_MEMBERS)),
  });
}

/** Below two levels the normal form keeps columns as they are, so they must not carry absent members. */
function stated(members: Members): object {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== ''),
  );
}

const COLUMN_MEMBERS = [
  'name',
  'displayName',
  'description',
  'doc',
  'type',
  'dataType',
  'physicalType',
  'required',
  'isUnique',
  'classificationLevel',
  'classification',
  'partitionStatus',
  'partitionKeyPosition',
  'examples',
  'tags',
  'properties',
  'fields',
  'columns',
];

const LOGICAL_TYPES: ReadonlyMap<string, string> = new Map([
  ['string', 'string'],
  ['enum', 'string'],
  ['integer', 'integer'],
  ['int', 'integer'],
  ['long', 'integer'],
  ['number', 'number'],
  ['float', 'number'],
  ['double', 'number'],
  ['boolean', 'boolean'],
  ['object', 'object'],
  ['record', 'object'],
  ['array', 'array'],
  ['date', 'date'],
  ['timestamp', 'timestamp'],
]);
