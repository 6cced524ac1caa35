// Packs files into a .vsix, which is a zip with a manifest. Needs nothing but node.
// The same files give the same bytes, so a package can be compared.
import path from 'node:path';
import zlib from 'node:zlib';

/** Bytes of a .vsix with `files` ([path inside the extension, Buffer][]) of the extension that `manifest` (its package.json) describes. */
export function vsix(manifest, files) {
  return zip([
    ['extension.vsixmanifest', Buffer.from(packageManifest(manifest, files.map(([name]) => name)))],
    ['[Content_Types].xml', Buffer.from(contentTypes(files.map(([name]) => name)))],
    ...files.map(([name, data]) => [`extension/${name}`, data]),
  ]);
}

const xml = value => String(value ?? '').replace(/[<>&"]/g, character => `&#${character.charCodeAt(0)};`);

function packageManifest(manifest, names) {
  const assets = [
    ['Microsoft.VisualStudio.Code.Manifest', 'package.json'],
    ['Microsoft.VisualStudio.Services.Content.Details', 'README.md'],
    ['Microsoft.VisualStudio.Services.Content.Changelog', 'CHANGELOG.md'],
    ['Microsoft.VisualStudio.Services.Content.License', 'LICENSE.txt'],
    ['Microsoft.VisualStudio.Services.Icons.Default', manifest.icon],
  ].filter(([, name]) => names.includes(name));
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${xml(manifest.name)}" Version="${xml(manifest.version)}" Publisher="${xml(manifest.publisher)}"/>
    <DisplayName>${xml(manifest.displayName)}</DisplayName>
    <Description xml:space="preserve">${xml(manifest.description)}</Description>
    <Tags>${xml((manifest.keywords ?? []).join(','))}</Tags>
    <Categories>${xml((manifest.categories ?? []).join(','))}</Categories>
    <License>extension/LICENSE.txt</License>
    <Icon>extension/${xml(manifest.icon)}</Icon>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${xml(manifest.engines.vscode)}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="${xml((manifest.extensionKind ?? ['workspace']).join(','))}"/>
    </Properties>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
${assets.map(([type, name]) => `    <Asset Type="${type}" Path="extension/${xml(name)}" Addressable="true"/>`).join('\n')}
  </Assets>
</PackageManifest>
`;
}

function contentTypes(names) {
  const extensions = new Set(['.vsixmanifest', ...names.map(name => path.extname(name)).filter(Boolean)]);
  const entry = extension => `<Default Extension="${extension}" ContentType="${extension === '.vsixmanifest' ? 'text/xml' : 'application/octet-stream'}"/>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${[...extensions].map(entry).join('')}</Types>
`;
}

// Zip, as in PKWARE's APPNOTE 4.3: local header and data per file, then the central directory and its end.
const DEFLATED = 8, UTF8_NAMES = 0x800, FIRST_OF_JANUARY_1980 = 0x21;

function zip(files) {
  const bodies = [], directory = [];
  let offset = 0;
  for (const [name, data] of files) {
    const label = Buffer.from(name), packed = zlib.deflateRawSync(data, { level: 9 });
    const about = Buffer.alloc(26); // what the local header and the directory have in common
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(UTF8_NAMES, 2);
    about.writeUInt16LE(DEFLATED, 4);
    about.writeUInt16LE(FIRST_OF_JANUARY_1980, 8);
    about.writeUInt32LE(zlib.crc32(data), 10);
    about.writeUInt32LE(packed.length, 14);
    about.writeUInt32LE(data.length, 18);
    about.writeUInt16LE(label.length, 22);
    const place = Buffer.alloc(14); // comment, disk, attributes: none; where the local header is
    place.writeUInt32LE(offset, 10);
    bodies.push(Buffer.from('PK\x03\x04'), about, label, packed);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), about, place, label);
    offset += 4 + about.length + label.length + packed.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, ...directory, end]);
}
