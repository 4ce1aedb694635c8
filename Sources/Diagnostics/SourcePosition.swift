/// A place in a text that an operator wrote.
public struct SourcePosition: Sendable, Hashable, Comparable {
    /// The file's name as the operator gave it, or a label such as `environment ADDRESS`.
    public var file: String
    /// 1-based; 0 means that the position inside the file is unknown.
    public var line: Int
    /// 1-based; 0 means that the column is unknown.
    public var column: Int

    public init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// The same place after lines were put in or taken away above it, in this file; positions without a line, and those in other files, stay.
    public func moved(byLines lines: Int, in file: String) -> SourcePosition {
        guard line != 0, self.file == file else { return self }
        var moved = self
        moved.line += lines
        return moved
    }

    public static func < (lhs: SourcePosition, rhs: SourcePosition) -> Bool {
        (lhs.file, lhs.line, lhs.column) < (rhs.file, rhs.line, rhs.column)
    }
}

extension SourcePosition: CustomStringConvertible {
    /// `file:line:column`, leaving out what is unknown.
    public var description: String {
        if line == 0 { return file }
        if column == 0 { return "\(file):\(line)" }
        return "\(file):\(line):\(column)"
    }
}
